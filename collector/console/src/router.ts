// Which page stands at which address. Hash routes: the collector serves one page and knows none of these.
import { createRouter, createWebHashHistory } from "vue-router";
import type { MessageKey } from "./i18n";
import OverviewPage from "./pages/OverviewPage.vue";

declare module "vue-router" {
  interface RouteMeta {
    title: MessageKey;
  }
}

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", name: "overview", component: OverviewPage, meta: { title: "overview.title" } },
    { path: "/alarms", name: "alarms", component: () => import("./pages/AlarmsPage.vue"), meta: { title: "alarms.title" } },
    { path: "/alarms/:id", name: "alarm", component: () => import("./pages/AlarmPage.vue"), props: true, meta: { title: "alarms.title" } },
    { path: "/hazards", name: "hazards", component: () => import("./pages/HazardsPage.vue"), meta: { title: "hazard.title" } },
    { path: "/hazards/:id", name: "hazard", component: () => import("./pages/HazardPage.vue"), props: true, meta: { title: "hazard.title" } },
    { path: "/sites", name: "sites", component: () => import("./pages/SitesPage.vue"), meta: { title: "sites.title" } },
    { path: "/sites/:id", name: "site", component: () => import("./pages/SitePage.vue"), props: true, meta: { title: "sites.title" } },
    { path: "/edges", name: "edges", component: () => import("./pages/EdgesPage.vue"), meta: { title: "edges.title" } },
    { path: "/edges/:id", name: "edge", component: () => import("./pages/EdgePage.vue"), props: true, meta: { title: "edges.title" } },
    { path: "/:rest(.*)*", name: "nowhere", component: () => import("./pages/NowherePage.vue"), meta: { title: "app.notThere" } },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? {} : { top: 0 }),
});
