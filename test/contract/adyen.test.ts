import { ADYEN_SUBJECT } from './adyen.ts';
import { contract } from './suite.ts';

contract(ADYEN_SUBJECT);
