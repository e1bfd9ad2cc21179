// A real OpenID provider (npm oidc-provider) with accounts of its own, for the tests of the sign-on.
// usage: node provider.mjs '{"port", "key", "clients": [...], "accounts": {sub: claims}}'; says "ready" on stdout.
// POST /bend {"mode"} makes its next ID tokens wrong in one way: signed by itself, so only that one thing is wrong.
import * as jose from 'jose';
import Provider from 'oidc-provider';

const said = JSON.parse(process.argv[2]);
// Another site than 127.0.0.1, where the server is: a browser keeps Strict cookies from what comes from there.
const issuer = `http://localhost:${said.port}`;

async function keyPair(name) {
  const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), kid: name, alg: 'RS256', use: 'sig' };
}

const key = await keyPair(said.key);
const stranger = await keyPair(said.key);
const provider = new Provider(issuer, {
  clients: said.clients,
  jwks: { keys: [key] },
  claims: {
    openid: ['sub', 'cpr'], profile: ['birthdate', 'name', 'name_ar'],
    phone: ['phone_number', 'phone_number_verified'], email: ['email', 'email_verified'],
  },
  async findAccount(ctx, sub) {
    const claims = said.accounts[sub];
    return claims && { accountId: sub, claims: async () => ({ sub, ...claims }) };
  },
  // Everybody has agreed to everything: what a citizen agrees to is the provider's business, not what is tried here.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile phone email');
    await grant.save();
    return grant;
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  pkce: { required: () => true, methods: ['S256'] },
  cookies: { keys: ['tests only'] },
  ttl: { Session: 600, Interaction: 600, Grant: 600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
});

let bend = '';
const now = () => Math.floor(Date.now() / 1000);
const CHANGES = {
  nonce: (claims) => ({ ...claims, nonce: 'another' }),
  'no nonce': ({ nonce, ...claims }) => claims,
  expired: (claims) => ({ ...claims, iat: now() - 7200, exp: now() - 3600 }),
  audience: (claims) => ({ ...claims, aud: 'another-client' }),
  'audience, for us': (claims) => ({ ...claims, aud: 'another-client', azp: claims.aud }),
  audiences: (claims) => ({ ...claims, aud: [claims.aud, 'another-client'], azp: 'another-client' }),
  issuer: (claims) => ({ ...claims, iss: 'https://another.example.bh' }),
  at_hash: (claims) => ({ ...claims, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
  subject: (claims) => ({ ...claims, sub: 'ahmed' }),
};

async function bent(token) {
  const claims = jose.decodeJwt(token);
  if (bend === 'unsigned') return new jose.UnsecuredJWT(claims).encode();
  if (bend === 'secret') {
    const secret = new TextEncoder().encode(said.clients[0].client_secret);
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  }
  const signer = await jose.importJWK(bend === 'stranger' ? stranger : key, 'RS256');
  const changed = CHANGES[bend] ? CHANGES[bend](claims) : claims;
  return new jose.SignJWT(changed).setProtectedHeader({ alg: 'RS256', kid: said.key }).sign(signer);
}

provider.use(async (ctx, next) => {
  if (ctx.path === '/bend') {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    bend = JSON.parse(Buffer.concat(chunks)).mode;
    ctx.body = { bend };
    return;
  }
  const found = ctx.path.match(/^\/interaction\/([^/]+)(\/give-up)?$/);
  if (found && ctx.method === 'GET') {
    const action = `/interaction/${found[1]}`;
    ctx.type = 'html';
    ctx.body = `<!doctype html><title>Provider</title><form method="post" action="${action}">
<input name="account" id="account"><button id="enter">Enter</button></form>
<form method="post" action="${action}/give-up"><button id="give-up">Give up</button></form>`;
    return;
  }
  if (found) {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const result = found[2]
      ? { error: 'access_denied', error_description: 'given up' }
      : { login: { accountId: form.get('account') } };
    await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
    ctx.respond = false;
    return;
  }
  await next();
  if (ctx.path === '/token' && bend && ctx.body && ctx.body.id_token) ctx.body.id_token = await bent(ctx.body.id_token);
});

provider.on('server_error', (ctx, error) => console.error(error));
provider.listen(said.port, '127.0.0.1', () => console.log('ready'));
