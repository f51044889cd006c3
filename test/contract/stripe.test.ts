import { STRIPE_SUBJECT } from './stripe.subject.ts';
import { contract } from './suite.ts';

contract(STRIPE_SUBJECT);
