import { CHECKOUT_SUBJECT } from './checkout.ts';
import { contract } from './suite.ts';

contract(CHECKOUT_SUBJECT);
