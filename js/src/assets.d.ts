declare module "*.css";
declare module "d3-array";
declare module "d3-color";
declare module "d3-scale";
declare module "d3-scale-chromatic";
declare module "d3-selection";
declare module "d3-shape";
declare module "jquery";
