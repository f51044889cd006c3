import { paypalSubject } from './paypal-subject.ts';
import { contract } from './suite.ts';

contract(paypalSubject());
