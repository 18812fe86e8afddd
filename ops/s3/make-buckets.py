"""Makes the buckets that are named where they are missing. Usage: make-buckets.py bucket …

The store's address and key are boto3's variables: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
"""

import sys

import boto3
from botocore.config import Config

# The store has just come up: ten tries, each a little later.
store = boto3.client("s3", config=Config(retries={"mode": "standard", "max_attempts": 10}))
there = {bucket["Name"] for bucket in store.list_buckets()["Buckets"]}
for name in sys.argv[1:]:
    if name not in there:
        store.create_bucket(Bucket=name)
    print(f"Bucket {name} is ready")
