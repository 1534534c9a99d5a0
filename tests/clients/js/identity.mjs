// An identity provider on this machine: oidc-provider, with two people and groups, and a sign-in page of its own.
//   node identity.mjs '{"port": 1234, "client": {"client_id": "hub", …}, "people": {"ann": {"email": …}}}'
import Provider from "oidc-provider";

const asked = JSON.parse(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${asked.port}`, {
  clients: [asked.client],
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...asked.people[id] }) }),
});
provider.listen(asked.port, "127.0.0.1", () => console.log("ready"));
