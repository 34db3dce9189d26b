import { showing } from "./views/showing";
import { Report } from "./views/special/Report";

/** The report on special tokens. */
export default { render: showing(Report) };
