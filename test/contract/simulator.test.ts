import { SIMULATOR_SUBJECT } from './subjects.ts';
import { contract } from './suite.ts';

contract(SIMULATOR_SUBJECT);
