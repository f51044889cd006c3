import { BRAINTREE_SUBJECT } from './braintree.ts';
import { contract } from './suite.ts';

contract(BRAINTREE_SUBJECT);
