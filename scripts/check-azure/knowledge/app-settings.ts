/** Settings that Flex Consumption refuses or ignores: `functionAppConfig` says the same in another place. */
export const refusedOnFlex: readonly RegExp[] = [
  /^FUNCTIONS_WORKER_RUNTIME(_VERSION)?$/,
  /^FUNCTIONS_EXTENSION_VERSION$/,
  /^FUNCTIONS_WORKER_PROCESS_COUNT$/,
  /^FUNCTIONS_MAX_HTTP_CONCURRENCY$/,
  /^WEBSITE_RUN_FROM_PACKAGE$/,
  /^WEBSITE_CONTENT(AZUREFILECONNECTIONSTRING|SHARE|OVERVNET)$/,
  /^WEBSITE_(NODE_DEFAULT_VERSION|VNET_ROUTE_ALL|DNS_SERVER|TIME_ZONE)$/,
  /^WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT$/,
  /^(SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD)$/,
];

/** Parts of `siteConfig` that Flex Consumption refuses, or that carry settings past the checks of `appsettings`. */
export const refusedSiteConfig = [
  'linuxFxVersion',
  'windowsFxVersion',
  'nodeVersion',
  'alwaysOn',
  'functionAppScaleLimit',
  'minimumElasticInstanceCount',
  'preWarmedInstanceCount',
  'use32BitWorkerProcess',
  'appSettings',
  'connectionStrings',
] as const;

/** Settings the Functions host or its extensions read, which the app's own code never does. */
export const hostSettings: Readonly<Record<string, string>> = {
  AzureWebJobsStorage__credential: 'the host signs in to storage by identity',
  AzureWebJobsStorage__clientId: 'by this one',
  AzureWebJobsDisableHomepage: "what kind of host this is is nobody else's business",
  MALLOC_ARENA_MAX: 'threads that decode photographs keep freed memory otherwise; read as the worker starts',
  languageWorkers__node__arguments:
    'a small young generation, for the same reason; the worker starts with it',
  APPLICATIONINSIGHTS_CONNECTION_STRING: 'where telemetry goes',
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'telemetry is sent by identity',
};

/** Settings the code reads that the template does not set, each with the reason. */
export const localOnly: Readonly<Record<string, string>> = {
  AzureWebJobsStorage: 'a connection string is a key; Azure signs in by identity',
  AzureWebJobsStorage__accountName: 'the three service addresses say it, and in every Azure cloud',
  SQL_CONNECTION_STRING: 'SQL_SERVER and SQL_DATABASE sign in by identity',
  SQLITE_PATH: 'an instance has no disk that stays',
  AUDIT_SIGNING_KEY: 'a secret: set by whoever keeps one, as a Key Vault reference',
  CUSTOM_VISION_MODEL: 'customvision is off by default: set by whoever adds a model to the package',
  CUSTOM_VISION_LABELS: 'belongs to CUSTOM_VISION_MODEL',
  CUSTOM_VISION_TOP: 'belongs to CUSTOM_VISION_MODEL',
  CUSTOM_VISION_MEAN: 'belongs to CUSTOM_VISION_MODEL',
  CUSTOM_VISION_SCALE: 'belongs to CUSTOM_VISION_MODEL',
  CUSTOM_VISION_CHANNELS: 'belongs to CUSTOM_VISION_MODEL',
};

/** Tuning settings: the template writes the code's own default, so that it can be seen and changed in the portal. */
export const sameAsCode = [
  'PIPELINE_DEFINITION',
  'COMPUTER_VISION_CALLS_PER_SECOND',
  'FACE_CALLS_PER_SECOND',
  'FACE_RECOGNITION',
  'FACE_MATCH_CONFIDENCE',
  'FACE_MIN_SIZE',
  'FACE_FRESH_LIMIT',
  'DUPLICATE_DISTANCE',
  'ALLOWED_IMAGE_HOSTS',
  'MAX_IMAGE_BYTES',
  'MAX_IMAGE_PIXELS',
  'MAX_DECODE_BYTES',
  'KEEP_EXIF',
  'MAX_ATTEMPTS',
  'RETRY_BASE_SECONDS',
  'RETRY_MAX_SECONDS',
  'OUTAGE_LIMIT',
  'RETENTION_DAYS',
  'RETENTION_DAYS_BY_BATCH',
  'FACEPRINT_RETENTION_DAYS',
  'AUDIT_HEADS_CONTAINER',
  'SECOND_REVIEW',
  'WEBHOOK_PRIVATE_ADDRESSES',
  'TRACE_RATIO',
] as const;
