/// <reference types="vite/client" />
/// <reference types="element-plus/global" />
declare module "element-plus/es/locale/lang/*.mjs" {
  import type { Language } from "element-plus";
  const language: Language;
  export default language;
}
