#!/usr/bin/env python3
"""Signs random requests with botocore and prints one JSON object a line, for AWSSignatureTests.

    pip install botocore
    Tests/Integration/aws_signatures.py 300 > Tests/ProvidersTests/Fixtures/aws.signatures.ndjson
"""

import datetime
import json
import random
import string
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SEGMENT = string.ascii_letters + string.digits + "-._~"
TEXT = string.ascii_letters + string.digits + " ,;:/+=!\"'(){}\t"


def text(random_, alphabet, low, high):
    return "".join(random_.choice(alphabet) for _ in range(random_.randint(low, high)))


def segment(random_):
    """A path segment as it is sent: encoded once, sometimes empty or a dot segment."""
    shape = random_.random()
    if shape < 0.05:
        return random_.choice(["", ".", ".."])
    parts = [text(random_, SEGMENT, 1, 12)]
    while random_.random() < 0.5:
        parts.append("%%%02X" % random_.choice(b":/ %?#[]@!$&'()*+,;=\xc3\xa9"))
        parts.append(text(random_, SEGMENT, 0, 12))
    return "".join(parts)


def case(seed):
    random_ = random.Random(seed)
    region = random_.choice(["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"])
    host = random_.choice(
        ["bedrock-runtime.%s.amazonaws.com" % region, "127.0.0.1:%d" % random_.randint(1024, 65535), "[::1]:8080"])
    scheme = "https" if host.startswith("bedrock") else "http"
    path = "".join("/" + segment(random_) for _ in range(random_.randint(0, 5)))
    query = "&".join(
        text(random_, SEGMENT, 1, 6) + random_.choice(["", "=" + text(random_, SEGMENT + "%", 0, 8).replace("%", "%2F")])
        for _ in range(random_.choice([0, 0, 1, 3])))
    url = "%s://%s%s%s" % (scheme, host, path, "?" + query if query else "")
    method = random_.choice(["GET", "POST"])
    body = text(random_, TEXT + "é🙂", 0, 200) if method == "POST" else ""
    headers = {"Content-Type": "application/json"} if random_.random() < 0.8 else {}
    for index in range(random_.randint(0, 3)):
        headers["X-%s-%d" % (random_.choice(["Amzn-Thing", "Custom"]), index)] = text(random_, TEXT, 0, 30)
    if random_.random() < 0.3:
        headers["User-Agent"] = "any/1"
    key, secret = text(random_, string.ascii_uppercase, 16, 20), text(random_, SEGMENT + "/+", 30, 40)
    token = text(random_, SEGMENT + "/+=", 50, 90) if random_.random() < 0.4 else None
    time = random_.randint(0, 4102444800)

    moment = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda: moment
    request = AWSRequest(method, url, headers=dict(headers), data=body.encode())
    botocore.auth.SigV4Auth(Credentials(key, secret, token), "bedrock", region).add_auth(request)
    return {
        "method": method, "url": url, "headers": headers, "body": body, "region": region, "key": key, "secret": secret,
        "token": token, "time": time, "date": request.headers["X-Amz-Date"],
        "authorization": request.headers["Authorization"],
    }


def main():
    for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 300):
        print(json.dumps(case(seed), sort_keys=True))


if __name__ == "__main__":
    main()
