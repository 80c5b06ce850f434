import { createApp } from "vue";
import "element-plus/es/components/base/style/css";
import "element-plus/es/components/message/style/css";
import App from "./App.vue";
import { i18n } from "./i18n";
import { startLive } from "./live/live";
import { router } from "./router";
import { startClock } from "./stores/clock";
import "./style.css";

startClock();
startLive();
createApp(App).use(i18n).use(router).mount("#app");
