"""The stand-in Hub's sign-in: OpenID Connect, as a Space sends its visitors through it. Everybody is ann."""

import json
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "key", "use": "sig", "alg": "RS256"})
CLIENT = {"id": "space", "secret": "space-secret"}
USER = {"sub": "1", "name": "Ann", "preferred_username": "ann", "profile": "https://hub.test/ann", "picture": ""}
SCOPES = "openid profile contribute-repos"


def environment(url):
    """What a Space's process finds in its environment."""
    return {
        "SYSTEM": "spaces",
        "SPACE_ID": "ann/space",
        "OAUTH_CLIENT_ID": CLIENT["id"],
        "OAUTH_CLIENT_SECRET": CLIENT["secret"],
        "OAUTH_SCOPES": SCOPES,
        "OPENID_PROVIDER_URL": url,
    }


def configuration(url):
    return {
        "issuer": url,
        "authorization_endpoint": f"{url}/oauth/authorize",
        "token_endpoint": f"{url}/oauth/token",
        "userinfo_endpoint": f"{url}/oauth/userinfo",
        "jwks_uri": f"{url}/oauth/jwks",
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def keys():
    return {"keys": [KEY.as_dict(private=False)]}


def agree(address):
    """Where a visitor who agrees is sent back to; the code holds the nonce."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return asked["redirect_uri"] + joint + urlencode({"code": f"code-{asked['nonce']}", "state": asked["state"]})


def grant(url, body, token):
    """The answer to a code."""
    nonce = parse_qs(body.decode())["code"][0].removeprefix("code-")
    now = int(time.time())
    claims = {**USER, "iss": url, "aud": CLIENT["id"], "nonce": nonce, "iat": now, "exp": now + 600}
    signed = jwt.encode({"alg": "RS256", "kid": "key"}, claims, KEY)
    known = {"access_token": token, "token_type": "bearer", "expires_in": 600, "scope": SCOPES, "id_token": signed}
    return json.loads(json.dumps(known))
