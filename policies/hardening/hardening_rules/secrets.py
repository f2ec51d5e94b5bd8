"""Tables of what secrets in environment variables look like, and what looks like one and is none."""

from typing import Final

from policies.kit.tables import table

SECRET_NAMES: Final = table(
    "Names of variables that hold secrets, besides those that namePattern finds: whole names, or their last words. "
    "Case does not count, nor what joins the words.",
    {
        "https://redis.io/docs/latest/develop/tools/cli/": ["REDISCLI_AUTH"],
        "https://neo4j.com/docs/operations-manual/current/docker/configuration/": ["NEO4J_AUTH"],
        "https://www.rabbitmq.com/docs/clustering#erlang-cookie": ["ERLANG_COOKIE"],
        "https://guides.rubyonrails.org/security.html#custom-credentials": ["SECRET_KEY_BASE", "RAILS_MASTER_KEY"],
        "https://laravel.com/docs/encryption#configuration": ["APP_KEY"],
        "https://airflow.apache.org/docs/apache-airflow/stable/security/secrets/fernet.html": ["FERNET_KEY"],
        "https://www.meilisearch.com/docs/learn/security/basic_security": ["MASTER_KEY"],
        "https://developer.wordpress.org/apis/wp-config-php/": [
            "AUTH_KEY",
            "AUTH_SALT",
            "LOGGED_IN_KEY",
            "LOGGED_IN_SALT",
            "NONCE_KEY",
            "NONCE_SALT",
        ],
        "https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage": [
            "ACCOUNT_KEY",
            "STORAGE_KEY",
        ],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/": ["LICENSE_KEY"],
        "https://github.com/bitnami/containers/blob/main/bitnami/kafka/README.md (several in one)": ["PASSWORDS"],
        "https://github.com/osixia/docker-openldap, and usual short forms": ["BIND_PW", "ADMIN_PW", "ROOT_PW", "PSWD"],
    },
)

SWITCH_NAMES: Final = table(
    "Names of variables that say how a secret is made or whether there must be one, and hold none, in the same form.",
    {
        "https://hub.docker.com/_/mysql, https://hub.docker.com/_/mariadb": [
            "ALLOW_EMPTY_PASSWORD",
            "ALLOW_EMPTY_ROOT_PASSWORD",
            "RANDOM_ROOT_PASSWORD",
            "MYSQL_ONETIME_PASSWORD",
        ],
    },
)

REFERENCES: Final = table(
    "Beginnings of values that say where a secret is, and hold none.",
    {
        "https://refspecs.linuxfoundation.org/FHS_3.0/fhs-3.0.html: a file": [
            "/etc/",
            "/home/",
            "/mnt/",
            "/opt/",
            "/root/",
            "/run/",
            "/srv/",
            "/tmp/",  # noqa: S108 - a beginning of values
            "/usr/",
            "/var/",
            "file:",
        ],
        "usual places where Secrets are mounted": [
            "/app/",
            "/certs/",
            "/config/",
            "/credentials/",
            "/data/",
            "/keys/",
            "/secret/",
            "/secrets/",
            "/vault/",
        ],
        "https://bank-vaults.dev/docs/mutating-webhook/": ["vault:", ">>vault:"],
        "https://developer.1password.com/docs/cli/secret-references/": ["op://"],
        "https://github.com/helmfile/vals": ["ref+"],
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html": [
            "arn:aws:secretsmanager:",
            "arn:aws:ssm:",
        ],
        "https://github.com/GoogleCloudPlatform/berglas": ["berglas://", "sm://"],
        "https://bank-vaults.dev/docs/mutating-webhook/ (of other clouds)": ["gcp:secretmanager:", "azure:keyvault:"],
        "https://learn.microsoft.com/en-us/azure/app-service/app-service-key-vault-references": [
            "@Microsoft.KeyVault("
        ],
    },
)

VALUE_PATTERNS: Final = table(
    "Regular expressions of values that are secrets, whatever their variable is called.",
    {
        "https://datatracker.ietf.org/doc/html/rfc7468": [r"-----BEGIN [A-Z ]*PRIVATE KEY"],
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html": [
            r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
        ],
        "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/": [
            r"\bgh[pousr]_[A-Za-z0-9]{36}",
            r"\bgithub_pat_[A-Za-z0-9_]{60}",
        ],
        "https://docs.gitlab.com/security/tokens/#token-prefixes": [
            r"\bgl(?:pat|dt|rt|cbt|ptt|ft|oas)-[A-Za-z0-9_-]{20}"
        ],
        "https://api.slack.com/authentication/token-types": [
            r"\bxox[abeprs]-[A-Za-z0-9-]{10}",
            r"\bxapp-\d-[A-Z0-9]{8}",
        ],
        "https://api.slack.com/messaging/webhooks": [
            r"\bhooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16}"
        ],
        "https://discord.com/developers/docs/resources/webhook": [
            r"\bdiscord(?:app)?\.com/api/webhooks/\d{10,20}/[A-Za-z0-9_-]{40}"
        ],
        "https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/": [r"\bpul-[0-9a-f]{40}\b"],
        "https://datatracker.ietf.org/doc/html/rfc7519": [r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\."],
        "https://datatracker.ietf.org/doc/html/rfc3986#section-3.2.1": [
            r"[a-z][a-z0-9+.-]{0,20}://[^\s/:@$]{0,64}:[^\s/@$]{1,128}@"
        ],
        "https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax": [
            r"(?i:;|^)\s*(?i:password|pwd)\s*=\s*[^;\s$]"
        ],
        "https://jdbc.postgresql.org/documentation/use/#connection-parameters": [r"[?&](?i:password)=[^&\s$]"],
        "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string": [
            r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{20}",
            r"[?&]sig=[A-Za-z0-9%+/]{20}",
        ],
        "https://cloud.google.com/docs/authentication/api-keys": [r"\bAIza[0-9A-Za-z_-]{35}"],
        "https://cloud.google.com/iam/docs/keys-create-delete": [r'"private_key"\s*:\s*"'],
        "https://developers.google.com/identity/protocols/oauth2": [r"\bGOCSPX-[A-Za-z0-9_-]{20}"],
        "https://docs.stripe.com/keys": [r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}"],
        "https://docs.npmjs.com/about-access-tokens": [r"\bnpm_[A-Za-z0-9]{36}"],
        "https://pypi.org/help/#apitoken": [r"\bpypi-AgE[A-Za-z0-9_-]{16}"],
        "https://docs.docker.com/security/access-tokens/": [r"\bdckr_pat_[A-Za-z0-9_-]{20}"],
        "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys": [
            r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16}"
        ],
        "https://developer.hashicorp.com/vault/docs/concepts/tokens": [r"\bhv[sbr]\.[A-Za-z0-9_-]{20}"],
        "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens": [
            r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{20}"
        ],
        "https://platform.openai.com/docs/api-reference/authentication": [r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{40}"],
        "https://docs.anthropic.com/en/api/overview": [r"\bsk-ant-[A-Za-z0-9_-]{20}"],
        "https://huggingface.co/docs/hub/security-tokens": [r"\bhf_[A-Za-z0-9]{30}"],
        "https://docs.databricks.com/aws/en/dev-tools/auth/pat": [r"\bdapi[0-9a-f]{32}"],
        "https://docs.digitalocean.com/reference/api/create-personal-access-token/": [r"\bdo[opr]_v1_[0-9a-f]{40}"],
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/": [r"\bglsa_[A-Za-z0-9]{32}"],
        "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens": [
            r"\bshp(?:at|ca|pa|ss)_[0-9a-f]{32}"
        ],
        "https://core.telegram.org/bots/api#authorizing-your-bot": [r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}"],
        "https://github.com/FiloSottile/age": [r"\bAGE-SECRET-KEY-1[0-9A-Z]{50}"],
    },
)
