import { App } from "./views/App";
import { showing } from "./views/showing";

/** The attention explorer. */
export default { render: showing(App) };
