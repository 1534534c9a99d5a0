// What people do with @huggingface/hub; test_javascript.py runs one story at a time: `node stories.mjs NAME ARGUMENTS`.
// Each gets { hubUrl, accessToken, repo } and returns plain values.
import assert from "node:assert/strict";
import { randomBytes, createHash } from "node:crypto";
import * as hub from "@huggingface/hub";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = async (blob) => Buffer.from(await blob.arrayBuffer());

async function collect(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

const stories = {
  async lifeOfARepository({ hubUrl, accessToken, repo }) {
    const here = { hubUrl, accessToken, repo };
    const made = await hub.createRepo({ ...here, private: true });
    assert.equal(made.repoUrl, `${hubUrl}/${repo}`);
    assert.ok(await hub.repoExists(here));
    await assert.rejects(hub.createRepo(here), (error) => error.statusCode === 409);
    await hub.checkRepoAccess(here);
    await assert.rejects(hub.checkRepoAccess({ hubUrl, repo }));
    const branches = { ...here, branch: "dev/x" };
    await hub.createBranch(branches);
    await assert.rejects(hub.createBranch(branches), (error) => error.statusCode === 409);
    await hub.deleteBranch(branches);
    await hub.deleteRepo(here);
    assert.ok(!(await hub.repoExists(here)));
    for (const type of ["dataset", "space"]) {
      const other = { ...here, repo: { type, name: repo }, ...(type === "space" && { sdk: "static" }) };
      await hub.createRepo(other);
      assert.ok(await hub.fileExists({ ...other, path: ".gitattributes" }));
      await hub.deleteRepo(other);
    }
  },

  async filesMakeTheJourney({ hubUrl, accessToken, repo, useXet, parallel }) {
    const here = { hubUrl, accessToken, repo };
    const contents = {
      "config.json": Buffer.from('{"a": 1}\n'),
      "deep/ü b.txt": Buffer.from("Grüße"),
      "large.bin": Buffer.concat([randomBytes(7_000_000), Buffer.alloc(5_000_000, "text that compresses ")]),
      "small.bin": randomBytes(40_000),
    };
    await hub.createRepo(here);
    const files = Object.entries(contents).map(([path, bytes]) => ({ path, content: new Blob([bytes]) }));
    const done = await hub.uploadFiles({ ...here, files, commitTitle: "By JavaScript", useXet });
    assert.equal(done.commit.url, `${hubUrl}/${repo}/commit/${done.commit.oid}`);
    for (const [path, bytes] of Object.entries(contents)) {
      for (const xet of [true, false]) {
        const blob = await hub.downloadFile({ ...here, path, xet, ...(parallel && { parallelDownloads: true }) });
        assert.equal(blob.size, bytes.length, path);
        assert.ok((await bytesOf(blob)).equals(bytes), `${path} differs, xet: ${xet}`);
        const piece = await bytesOf(blob.slice(3, 8));
        assert.ok(piece.equals(bytes.subarray(3, 8)));
      }
      assert.ok(await hub.fileExists({ ...here, path }));
    }
    const middle = await bytesOf((await hub.downloadFile({ ...here, path: "large.bin" })).slice(6_999_990, 7_000_010));
    assert.ok(middle.equals(contents["large.bin"].subarray(6_999_990, 7_000_010)));
    assert.equal(await hub.downloadFile({ ...here, path: "missing.txt" }), null);
    assert.ok(!(await hub.fileExists({ ...here, path: "missing.txt" })));
    return Object.fromEntries(Object.entries(contents).map(([path, bytes]) => [path, sha256(bytes)]));
  },

  async whatPythonWroteIsRead({ hubUrl, accessToken, repo, paths }) {
    const read = {};
    for (const path of paths) {
      for (const xet of [true, false]) {
        const bytes = await bytesOf(await hub.downloadFile({ hubUrl, accessToken, repo, path, xet }));
        read[`${path} ${xet}`] = sha256(bytes);
      }
    }
    return read;
  },

  async commitsDoEveryOperation({ hubUrl, accessToken, repo }) {
    const here = { hubUrl, accessToken, repo };
    await hub.createRepo(here);
    const first = await hub.commit({
      ...here,
      title: "first",
      description: "with a body",
      operations: ["a.txt", "b.txt", "dir/c.txt"].map((path) => ({ operation: "addOrUpdate", path, content: new Blob([path]) })),
    });
    await hub.commit({
      ...here,
      title: "second",
      parentCommit: first.commit.oid,
      operations: [
        { operation: "addOrUpdate", path: "a.txt", content: new Blob(["changed"]) },
        { operation: "delete", path: "b.txt" },
      ],
    });
    await assert.rejects(
      hub.commit({ ...here, title: "late", parentCommit: first.commit.oid, operations: [{ operation: "delete", path: "a.txt" }] }),
      (error) => error.statusCode === 412,
    );
    await hub.deleteFile({ ...here, path: "dir/c.txt" });
    await hub.uploadFile({ ...here, file: { path: "x/y.txt", content: new Blob(["y"]) }, branch: "main" });
    assert.equal(await (await hub.downloadFile({ ...here, path: "a.txt" })).text(), "changed");
    assert.equal(await (await hub.downloadFile({ ...here, path: "b.txt", revision: first.commit.oid })).text(), "b.txt");
    assert.equal(await hub.countCommits(here), 5);
    const commits = await collect(hub.listCommits({ ...here, batchSize: 2 }));
    const files = await collect(hub.listFiles({ ...here, recursive: true, expand: true }));
    const infos = await hub.pathsInfo({ ...here, paths: ["a.txt", "missing"], expand: true });
    assert.deepEqual(infos.map((info) => info.path), ["a.txt"]);
    return { titles: commits.map((commit) => commit.title), files: files.map((file) => file.path), message: commits[3].message };
  },

  async editsSendOnlyWhatChanged({ hubUrl, accessToken, repo }) {
    const here = { hubUrl, accessToken, repo };
    const content = randomBytes(3_000_000);
    await hub.createRepo(here);
    await hub.uploadFile({ ...here, file: { path: "x.bin", content: new Blob([content]) } });
    const originalContent = await hub.downloadFile({ ...here, path: "x.bin" });
    const edits = [{ start: 1_000_000, end: 1_000_004, content: new Blob(["edited"]) }];
    await hub.commit({ ...here, title: "edit", operations: [{ operation: "edit", path: "x.bin", originalContent, edits }] });
    const expected = Buffer.concat([content.subarray(0, 1_000_000), Buffer.from("edited"), content.subarray(1_000_004)]);
    const got = await bytesOf(await hub.downloadFile({ ...here, path: "x.bin" }));
    assert.ok(got.equals(expected));
  },

  async listsAndPeople({ hubUrl, accessToken, repo }) {
    const here = { hubUrl, accessToken };
    const card = "---\ntags: [from-js]\npipeline_tag: fill-mask\n---\n# x\n";
    await hub.createRepo({ ...here, repo });
    await hub.uploadFile({ ...here, repo, file: { path: "README.md", content: new Blob([card]) } });
    const me = await hub.whoAmI(here);
    const search = { query: repo.split("/")[1], owner: "ada", tags: ["from-js"], task: "fill-mask" };
    const models = await collect(hub.listModels({ ...here, search, additionalFields: ["tags", "author", "cardData"] }));
    const sorted = await collect(hub.listModels({ ...here, search, sort: "createdAt", limit: 3 }));
    assert.deepEqual(models.map((model) => model.name), sorted.map((model) => model.name));
    const info = await hub.modelInfo({ ...here, name: repo, additionalFields: ["sha", "tags"] });
    await collect(hub.listDatasets({ ...here, search: { query: "nothing-is-called-so" } }));
    await collect(hub.listSpaces({ ...here, search: { query: "nothing-is-called-so" } }));
    return { me: me.name, orgs: me.orgs.map((org) => org.name), models: models.map((m) => [m.name, m.task, m.author]), tags: info.tags, sha: info.sha.length };
  },

  async strangersSeeNothing({ hubUrl, accessToken, repo }) {
    const here = { hubUrl, accessToken, repo };
    assert.ok(!(await hub.repoExists(here)));
    for (const call of [() => hub.downloadFile({ ...here, path: "README.md" }), () => collect(hub.listFiles(here)), () => hub.modelInfo({ ...here, name: repo })]) {
      await assert.rejects(call, (error) => [401, 404].includes(error.statusCode));
    }
    await assert.rejects(hub.whoAmI({ hubUrl, accessToken: "hf_" + "w".repeat(34) }), (error) => error.statusCode === 401);
  },
};

const [name, given] = process.argv.slice(2);
console.log(JSON.stringify((await stories[name](JSON.parse(given))) ?? null));
