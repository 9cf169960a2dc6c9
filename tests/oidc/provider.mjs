// A real OpenID provider on the loopback, for tests: whoever is named in login_hint is signed in.
// GET /captured lists the logout tokens it has sent.
// POST /control {"keys": "new" | "hidden", "issuer": "…"} makes it misbehave as the tests need.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, redirect, numbers] = [process.argv[2], process.argv[3], JSON.parse(process.argv[4])];
const issuer = `http://127.0.0.1:${port}`;
const control = { hidden: false, issuer: null };

const key = () => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  use: "sig",
  alg: "RS256",
  kid: `key-${Date.now()}-${Math.random().toString(36).slice(2)}`,
});

function provider() {
  const made = new Provider(issuer, {
    clients: [
      {
        client_id: "guantong",
        client_secret: "a-secret-of-the-test-only",
        redirect_uris: [redirect],
        post_logout_redirect_uris: [new URL("/sign-out/done", redirect).href],
        backchannel_logout_uri: `${issuer}/captured`,
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    jwks: { keys: [key()] },
    cookies: { keys: ["a-test"] },
    claims: { openid: ["sub"], profile: ["name", "employee_number"] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        // Whoever comes here has pressed the button already.
        logoutSource: (context, form) => {
          context.body = form.replace("</form>", `<input type="hidden" name="logout" value="yes"/></form>`);
        },
      },
    },
    // By itself it sends nothing to a loopback address; here all of it is on the loopback.
    fetch: (address, { dispatcher, ...options }) => globalThis.fetch(address, options),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, employee_number: numbers[id] }),
    }),
    // Whoever is signed in has agreed.
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  made.on("server_error", (_, error) => console.error(error));
  made.on("backchannel.error", (_, error) => console.error(error));
  return made;
}

let running = provider();
const text = async (request) => {
  let text = "";
  for await (const part of request) text += part;
  return text;
};
const body = async (request) => JSON.parse(await text(request));
// Logout tokens that the provider has sent, in the place of a client's own address.
const captured = [];

createServer(async (request, response) => {
  const path = new URL(request.url, issuer).pathname;
  const json = (value) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  };
  try {
    if (path === "/control") {
      const wish = await body(request);
      if (wish.keys === "new") running = provider();
      control.hidden = wish.keys === "hidden";
      control.issuer = wish.issuer ?? null;
      return json({});
    }
    if (path === "/captured") {
      if (request.method === "POST") captured.push(new URLSearchParams(await text(request)).get("logout_token"));
      return json(captured);
    }
    if (path === "/jwks" && control.hidden) return json({ keys: [] });
    if (path === "/.well-known/openid-configuration" && control.issuer) {
      return json({
        issuer: control.issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/me`,
        jwks_uri: `${issuer}/jwks`,
      });
    }
    if (path.startsWith("/interaction/")) {
      const details = await running.interactionDetails(request, response);
      const login = { accountId: details.params.login_hint };
      return await running.interactionFinished(request, response, { login });
    }
    return running.callback()(request, response);
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end();
  }
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
