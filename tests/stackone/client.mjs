// StackOne's own published client against Crosscheck, as a vendor behind StackOne uses it.
//
//   npm ci --ignore-scripts            once, in this folder
//   node client.mjs packages           creates, lists, reads, changes and deletes packages
//   node client.mjs result ORDER_ID    patches the result of an order, and resolves its candidate and application
//
// Reads STACKONE_URL (the connection's callback URL), STACKONE_KEY (its callback secret) and
// STACKONE_ACCOUNT_ID (its id). Prints one JSON document; any failure ends with a status that is not 0.

import assert from "node:assert/strict";
import { StackOne } from "@stackone/stackone-client-ts";

function setting(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

const serverURL = setting("STACKONE_URL");
const xAccountId = setting("STACKONE_ACCOUNT_ID");

function client(username) {
  return new StackOne({ serverURL, security: { username, password: "" }, retryConfig: { strategy: "none" } });
}

const { ats } = client(setting("STACKONE_KEY"));

async function list() {
  const packages = [];
  for await (const page of await ats.listBackgroundCheckPackages({ xAccountId })) {
    packages.push(...page.backgroundCheckPackagePaginated.data);
  }
  return packages;
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return { name: error.name, status: error.statusCode };
  }
  assert.fail("a call that must be refused was taken");
}

async function packages() {
  const create = async (name, description) => {
    const answer = await ats.createBackgroundCheckPackage({
      xAccountId,
      atsCreateBackgroundCheckPackagesRequestDto: { name, description, tests: [] },
    });
    assert.equal(answer.statusCode, 201);
    return answer.createResult.data.id;
  };
  const kept = await create("Standard", "Identity and criminal record");
  const again = await create("Standard", "Identity and criminal record");
  assert.equal(again, kept, "the same name is the same package");
  const dropped = await create("Short-lived", "");
  const change = await ats.updateBackgroundCheckPackage({
    xAccountId,
    id: kept,
    atsUpdateBackgroundCheckPackagesRequestDto: { description: "Identity, criminal record, address" },
  });
  assert.equal(change.updateResult.statusCode, 200);
  const drop = await ats.deleteBackgroundCheckPackage({ xAccountId, id: dropped });
  assert.equal(drop.deleteResult.statusCode, 200);
  const read = await ats.getBackgroundCheckPackage({ xAccountId, id: kept });
  return {
    created: kept,
    dropped,
    read: read.backgroundCheckPackageResult.data,
    listed: await list(),
    unknown_package: await refusal(ats.getBackgroundCheckPackage({ xAccountId, id: dropped })),
    wrong_key: await refusal(client("wrong").ats.listBackgroundCheckPackages({ xAccountId })),
    wrong_account: await refusal(ats.listBackgroundCheckPackages({ xAccountId: "0000000000000000" })),
  };
}

async function result(id) {
  assert.ok(id, "which order?");
  const patch = async (atsUpdateBackgroundCheckResultRequestDto) => {
    const answer = await ats.updateBackgroundCheckResult({
      xAccountId,
      id,
      atsUpdateBackgroundCheckResultRequestDto,
    });
    assert.equal(answer.updateResult.statusCode, 200);
    return answer.updateResult.message;
  };
  await patch({ startDate: new Date("2026-01-01T01:01:01.000Z") });
  await patch({ result: { value: "in_progress", sourceValue: "With the court" } });
  const message = await patch({
    score: { label: "Percentage", value: "80", min: "0", max: "100" },
    submissionDate: new Date("2026-01-02T01:01:01.000Z"),
    summary: "Test is passed",
    result: { value: "passed", sourceValue: "Passed" },
    resultUrl: "https://vendor.example/results/1",
    attachments: [{ url: "https://vendor.example/1.pdf", contentType: { value: "text", sourceValue: "application/pdf" } }],
    candidate: { id: "1", profileUrl: "https://vendor.example/candidates/1" },
  });
  const candidate = await ats.getCandidate({ xAccountId, id });
  const application = await ats.getApplication({ xAccountId, id });
  const unknown = refusal(
    ats.updateBackgroundCheckResult({
      xAccountId,
      id: "00000000-0000-7000-8000-000000000000",
      atsUpdateBackgroundCheckResultRequestDto: {},
    }),
  );
  return {
    message,
    candidate: candidate.candidateResult.data,
    application: application.applicationResult.data,
    unknown_order: await unknown,
  };
}

const [what, ...rest] = process.argv.slice(2);
const commands = { packages, result };
assert.ok(Object.hasOwn(commands, what), `use one of: ${Object.keys(commands).join(", ")}`);
process.stdout.write(`${JSON.stringify(await commands[what](...rest), null, 2)}\n`);
