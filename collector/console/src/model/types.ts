// The API's things under short names. Everything here comes from docs/openapi.json; nothing is written by hand.
import type { components, operations } from "../api/schema";

type Schemas = components["schemas"];
export type Alert = Schemas["Alert"];
export type AlertDetails = Schemas["AlertDetails"];
export type AlertState = Alert["state"];
export type AlertEvent = Schemas["AlertEvent"];
export type Level = Schemas["Level"];
export type LiveLevel = Exclude<Level, "none">;
export type Quality = Schemas["Quality"];
export type Hazard = Schemas["Hazard"];
export type HazardDetails = Schemas["HazardDetails"];
export type HazardState = Hazard["state"];
export type HazardEvent = Schemas["HazardEvent"];
export type Edge = Schemas["Edge"];
export type EdgeDetails = Schemas["EdgeDetails"];
export type Account = Schemas["Account"];
export type Loss = Schemas["Loss"];
export type Maintenance = Schemas["Maintenance"];
export type Point = Schemas["Point"];
export type Site = Schemas["Site"];
export type Trend = Schemas["Trend"];
export type Readiness = Schemas["Readiness"];
export type Outbox = Schemas["Outbox"];
export type Problem = Schemas["Problem"];
export type Actor = Schemas["Actor"];
export type Role = Schemas["Role"];
export type Operations = operations;
