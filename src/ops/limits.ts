/** Every bound of the system in one place. Nothing here is a tuning knob that anybody has to know to start. */
export const LIMITS = {
  http: {
    bodyBytes: 64 * 1024,
    /** Requests per second and API key, over a window of one second, in each API process. */
    requestsPerSecond: 20_000,
    /** Failures to authenticate by address, in each API process; more are told to wait. */
    unauthenticatedPerMinute: 300,
    /** Keys that wait to be looked up, and of them so many in one statement. */
    lookUps: 10_000,
    lookUpBatch: 256,
    requestTimeoutMs: 60_000,
    shutdownMs: 20_000,
    pageSize: 100,
    pageSizeDefault: 20,
    /** Webhooks of a provider that one explanation names. */
    explainedDeliveries: 200,
  },
  fields: {
    idempotencyKey: 255,
    reference: 255,
    description: 1000,
    returnUrl: 2048,
    /** A wallet's token is a signed document. */
    walletToken: 8_192,
    metadataKeys: 50,
    metadataKey: 40,
    metadataValue: 500,
    customerField: 255,
    reason: 500,
  },
  payment: {
    /** An unpaid payment is given up after this time. */
    unpaidMs: 7 * 24 * 3600_000,
    /** A customer who does not finish a challenge loses the attempt after this time. */
    actionMs: 30 * 60_000,
    /** An authorisation whose outcome is unknown is sent again only while the customer may still be there. */
    authorizeReplayMs: 10 * 60_000,
    /** What was encrypted for one charge is of no use after that: Adyen, for one, takes it for a day. */
    payloadKeptMs: 24 * 3600_000,
  },
  provider: {
    /** By kind of operation: an issuer takes longer to approve than a provider to note a capture. */
    timeoutMs: { authorize: 10_000, complete: 10_000, capture: 5_000, void: 5_000, refund: 5_000 },
    lookUpTimeoutMs: 5_000,
    /** Waits before the end of a challenge, which did not arrive at the provider, is sent again. */
    completeAgainMs: [500, 1_500, 3_000],
    /** For an access token that has to be had before a call, within the call's own deadline. */
    tokenTimeoutMs: 2_000,
    connections: 128,
    responseBytes: 256 * 1024,
    /** What is kept of one request and of one answer, and of one text in them. */
    recordBytes: 2_048,
    recordText: 200,
    /** The customer's way back brings so many characters for the provider to read. */
    returned: 4_096,
    /** A clock that is further off from a provider's is worth a look. */
    clockDifferenceMs: 30_000,
    /** A lease outlives the provider's deadline by this much. */
    leaseMarginMs: 3_000,
  },
  resolve: {
    /** Waits before the next look-up; the last one repeats. */
    backoffMs: [
      1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000, 21_600_000,
      86_400_000,
    ],
    /** A call that was given up may still reach the provider for so many times its deadline: 90 s of 10. */
    onItsWayDeadlines: 9,
    /**
     * While a customer is at a challenge the provider is asked, after half as long again each time: mostly the return or
     * a webhook tells, and many challenges are left for good.
     */
    actionPollMs: 2_000,
    actionPollMaxMs: 120_000,
    /** This often, once it has been given up and its end has not been told. */
    actionLateMs: 3600_000,
    /** An authorisation past its validity that the provider still honours is asked about this often. */
    authorizationPollMs: 6 * 3600_000,
    /** For all questions of one look-up together, however many pages it reads. */
    askMs: 12_000,
    /** A claim outlives look-up, replay and recording. */
    leaseMs: 25_000,
    /** Under way at once in one worker for one provider: a slow one holds up no other. */
    perProvider: 16,
    /** Put with their providers at once, when they come due for the first time. */
    sortBatch: 256,
    pollMs: 500,
    /** How much is due, for the metrics. */
    observeEveryMs: 5_000,
    failedMs: 30_000,
    /** An operation that is still unresolved after this time becomes an exception for a person. */
    exceptionMs: 24 * 3600_000,
    /** What the provider has accepted may take longer by its nature: a bank debit is decided within some ten bank days. */
    acceptedExceptionMs: 21 * 24 * 3600_000,
    /** Where the provider alone can tell, and a person has been told: only to see that it still waits. */
    untoldMs: 7 * 24 * 3600_000,
    /** So does a fact that waits longer than this for what it belongs to. */
    waitingMs: 24 * 3600_000,
  },
  commit: {
    groupItems: 256,
    groupBytes: 4 * 1024 * 1024,
    /** Of a group's message at first: it grows with the groups, and is used again. */
    messageBytes: 64 * 1024,
    groupsInFlight: 2,
    /** So many set out beside a group that is larger. */
    besideItems: 32,
    handedOnAtATime: 8,
    queue: 10_000,
    /** Commands waiting for one stream in one process. */
    queuePerStream: 200,
    conflictRetries: 8,
    /** A database that restarts is back within seconds; longer than this the caller is told to come again. */
    databaseRetries: 20,
    databaseRetryMs: 500,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 2_000,
  },
  database: {
    poolSize: 16,
    connectTimeoutMs: 5_000,
    /** Where several hosts are named, each has this long to say whether it is the primary. */
    findPrimaryMs: 3_000,
    keepAliveMs: 5_000,
    /** The server ends a statement sooner; a server that does not answer at all is given up after this time. */
    queryTimeoutMs: 15_000,
    transactionTimeoutMs: 30_000,
    clockOffsetWarnMs: 1_000,
    clockEveryMs: 60_000,
    partitionMonths: 3,
  },
  inbox: {
    bodyBytes: 1024 * 1024,
    groupItems: 256,
    groupsInFlight: 2,
    queue: 10_000,
    /** Refused deliveries that are kept as samples, and how often one is added. */
    refusedKept: 200,
    refusedEveryMs: 1_000,
    /**
     * Claimed at once, and how many such batches are under way, for one provider: a slow one holds up no other. Small:
     * larger ones were no faster, and payments beside them waited longer.
     */
    batch: 8,
    lanes: 2,
    /** After a full batch so much of its time is left to others: customers who pay go before a backlog. */
    rest: 1,
    pollMs: 200,
    /** Counting a long backlog takes a tenth of a second. */
    observeEveryMs: 15_000,
    leaseMs: 30_000,
    /** What no worker claims for so long is of a provider that none has: longer than a deployment takes. */
    unclaimedMs: 15 * 60_000,
    straysEveryMs: 15_000,
    /** Waits before a delivery is tried again; the last one repeats. */
    backoffMs: [500, 2_000, 5_000, 15_000, 60_000, 300_000, 900_000],
    /** A delivery that fails so often is set aside for a person. */
    failures: 8,
    /** A payment that has not appeared after this time is not ours, or is missing: a person looks. */
    parkedMs: 24 * 3600_000,
    /** What is done is kept this long: for looking into, and for telling repetitions. */
    keptMs: 90 * 24 * 3600_000,
    /** Deliveries in one replay; more need the override, and these are the most even so. */
    replay: 1_000,
    replayOverridden: 100_000,
    /** More than so many need the approval of another person, within this time. */
    replayAlone: 100,
    approvalMs: 4 * 3600_000,
    /** Replays under way or waiting for approval. */
    replaysOpen: 20,
    /** Over all replays: what comes in goes first. */
    replayPerSecond: 100,
    /** Deliveries that a dry run looks at. */
    dryRun: 1_000,
    /** Results of a replay in one page. */
    resultsShown: 100,
  },
  /** Whoever follows the event table for a receiver over the network. */
  consumers: {
    batch: 500,
    /** With the envelopes around them below the 1 MiB that a broker takes at once, if all go to one partition. */
    batchBytes: 512 * 1024,
    pollMs: 200,
    handOnMs: 10_000,
    /** Outlives the handing on and the writing down. What a worker that died was at is taken over after it. */
    leaseMs: 15_000,
    /** Waits after a failure; the last one repeats. */
    backoffMs: [500, 1_000, 2_000, 5_000, 10_000, 30_000],
    /** How often it is looked whether this is still the database of before. */
    adoptEveryMs: 60_000,
    observeEveryMs: 5_000,
  },
  notifications: {
    /** Endpoints of one merchant in one mode, and filters of one endpoint. */
    endpoints: 20,
    filters: 50,
    fanOutBatch: 1_000,
    pollMs: 200,
    /** Deliveries under way at once in one worker, and of them for one endpoint; one that fails gets one. */
    inFlight: 64,
    perEndpoint: 8,
    /** Beside them, for all endpoints that fail. */
    inFlightFailing: 32,
    timeoutMs: 10_000,
    /** A lease outlives the deadline and the writing down. */
    leaseMs: 30_000,
    responseBytes: 1024,
    /** Waits after a failure; the last one repeats. */
    backoffMs: [
      5_000,
      5 * 60_000,
      30 * 60_000,
      2 * 3600_000,
      5 * 3600_000,
      10 * 3600_000,
      14 * 3600_000,
      20 * 3600_000,
      24 * 3600_000,
    ],
    /** A delivery that fails so long is given up, and an endpoint that only fails so long is disabled. */
    giveUpMs: 3 * 24 * 3600_000,
    /** An endpoint that is back after so long gets at once what has waited. */
    outageMs: 10 * 60_000,
    releaseBatch: 1_000,
    redeliverBatch: 1_000,
    attemptsShown: 20,
    /** A secret that was replaced goes on signing for so long. */
    overlapMs: 24 * 3600_000,
    keptMs: 30 * 24 * 3600_000,
    forgetEveryMs: 60_000,
    forgetBatch: 1_000,
  },
  synchronize: {
    everyMs: 60_000,
    pollMs: 5_000,
    /** In one go; the rest at the next one. */
    pages: 100,
  },
  idempotency: { keptMs: 30 * 24 * 3600_000 },
  ledger: {
    /** Small and often: one of a hundred thousand journals holds a processor for a second. */
    checkpointJournals: 1_000,
    checkpointEveryMs: 1_000,
    /** After this time one an hour is kept. */
    checkpointsKeptMs: 3600_000,
  },
  housekeeping: { everyMs: 60_000, batch: 5_000 },
  verify: { batch: 500 },
  /** A longer log of `npm start` is set aside when its process starts. */
  logs: { bytes: 10 * 1024 * 1024 },
  digest: { everyMs: 2_000, batch: 5_000 },
  /** Of what is alive. V8 itself takes about a hundred, and begins well before. */
  heap: { growthPercent: 300 },
} as const;
