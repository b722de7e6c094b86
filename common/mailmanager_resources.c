/* Ingress points, relays, archives, add-ons, secrets and the site's settings. */
#include "mailmanager_shapes.h"

#define WHEN \
	{"CreatedTimestamp", &mm_any, false}, \
	{ \
		"LastUpdatedTimestamp", &mm_any, false \
	}

SHAPE_OF_STRING(id_or_name, "a name, id or ARN", 1, 2048, NULL);

/* The model wants an ARN; in a site the name of a secret is one too. */
SHAPE_OF_STRING(secret_arn, "a secret ARN or name", 1, 2048,
	"(arn:(aws|aws-cn|aws-us-gov|aws-eusc):secretsmanager:[a-z0-9-]+:\\d{12}:secret:)?"
	"[a-zA-Z0-9/_+=,.@-]+");

SHAPE_OF_STRING(pem, "PEM text", 1, 500000, "[\\P{C}\\s]*");
SHAPE_OF_STRUCT(trust_store, {"CAContent", &pem, true}, {"CrlContent", &pem, false},
	{"KmsKeyArn", &mm_kms_key_arn, false});
SHAPE_OF_STRUCT(tls_auth, {"TrustStore", &trust_store, false});
SHAPE_OF_STRING(
	smtp_password, "an SMTP password", 8, 64, "[A-Za-z0-9!@#$%^&*()_+\\-=\\[\\]{}|.,?]+");
SHAPE_OF_UNION(ingress_configuration, {"SmtpPassword", &smtp_password, false},
	{"SecretArn", &secret_arn, false}, {"TlsAuthConfiguration", &tls_auth, false});
SHAPE_OF_STRUCT(ingress_auth, {"IngressPointPasswordConfiguration", &mm_any, false},
	{"SecretArn", &secret_arn, false}, {"TlsAuthConfiguration", &tls_auth, false});

SHAPE_OF_ENUM(ip_type, "IPV4", "DUAL_STACK");
SHAPE_OF_STRUCT(public_network, {"IpType", &ip_type, true});
SHAPE_OF_STRING(vpc_endpoint, "a VPC endpoint id", 0, 0, "vpce-[a-zA-Z0-9]{17}");
SHAPE_OF_STRUCT(private_network, {"VpcEndpointId", &vpc_endpoint, true});
SHAPE_OF_UNION(network, {"PublicNetworkConfiguration", &public_network, false},
	{"PrivateNetworkConfiguration", &private_network, false});

SHAPE_OF_STRING(ingress_name, "an ingress point name (letters, digits, _ and -)", 3, 63,
	"[A-Za-z0-9_\\-]+");
SHAPE_OF_ENUM(ingress_type, "OPEN", "AUTH", "MTLS");
SHAPE_OF_ENUM(tls_policy, "REQUIRED", "OPTIONAL", "FIPS");
SHAPE_OF_ENUM(ingress_status, "PROVISIONING", "DEPROVISIONING", "UPDATING", "ACTIVE", "CLOSED",
	"FAILED", "ASSOCIATED_VPC_ENDPOINT_DOES_NOT_EXIST");

const struct shape shape_ingress_point = {
	.kind = SHAPE_STRUCT,
	.name = "an ingress point",
	.members = MEMBERS({"IngressPointName", &ingress_name, true},
		{"Type", &ingress_type, true}, {"RuleSetId", &id_or_name, true},
		{"TrafficPolicyId", &id_or_name, true},
		{"IngressPointConfiguration", &ingress_configuration, false},
		{"NetworkConfiguration", &network, false}, {"TlsPolicy", &tls_policy, false},
		{"Tags", &mm_tags, false}, {"ClientToken", &mm_client_token, false},
		{"IngressPointId", &mm_any, false}, {"IngressPointArn", &mm_any, false},
		{"Status", &ingress_status, false}, {"StatusToUpdate", &ingress_status, false},
		{"ARecord", &mm_any, false},
		{"IngressPointAuthConfiguration", &ingress_auth, false}, WHEN),
};

SHAPE_OF_STRING(
	relay_name, "a relay name (letters, digits, - and _)", 1, 100, "[a-zA-Z0-9-_]+");
SHAPE_OF_STRING(server_name, "a host name or IPv4 address", 1, 100, "[a-zA-Z0-9-\\.]+");
static const struct shape port = {
	.kind = SHAPE_INTEGER, .name = "a port", .min = 1, .max = 65535};
static const struct shape no_authentication = {
	.kind = SHAPE_STRUCT, .members = (const struct member[]){{0}}};
SHAPE_OF_UNION(relay_authentication, {"SecretArn", &secret_arn, false},
	{"NoAuthentication", &no_authentication, false});
/* Extension: Mail Manager has no setting for it. */
SHAPE_OF_ENUM(relay_tls, "NONE", "MAY", "ENCRYPT", "VERIFY", "FINGERPRINT");
SHAPE_OF_STRING(fingerprint, "a SHA-256 fingerprint of 64 hexadecimal digits", 64, 95,
	"([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}");
SHAPE_OF_LIST(fingerprints, fingerprint, 1, 16);
SHAPE_OF_STRING(tls_name, "a host name, or a domain with a dot before it", 1, 254,
	"\\.?[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*");
SHAPE_OF_LIST(tls_names, tls_name, 1, 16);
SHAPE_OF_ENUM(auth_mechanism, "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN",
	"OAUTHBEARER", "XOAUTH2");
SHAPE_OF_LIST(auth_mechanisms, auth_mechanism, 1, 6);
SHAPE_OF_STRING(file_name, "the path of a file", 1, 4095, NULL);
SHAPE_OF_STRING(relay_server_name, "HOST or HOST:PORT", 1, 262,
	"([a-zA-Z0-9_.-]+|\\[[0-9a-fA-F:.]+\\])(:[0-9]{1,5})?|[0-9a-fA-F:.]+");
static const struct shape srv_number = {
	.kind = SHAPE_INTEGER, .name = "a number from 0 to 65535", .min = 0, .max = 65535};
SHAPE_OF_STRUCT(relay_server, {"Server", &relay_server_name, true},
	{"Priority", &srv_number, false}, {"Weight", &srv_number, false});
SHAPE_OF_LIST(relay_servers, relay_server, 1, 16);
SHAPE_OF_STRING(relay_time, "a time such as 30s or 5m", 1, 20, "0*[1-9][0-9]*(ms|s|m|h|d)?");
SHAPE_OF_STRING(relay_rate, "a number of messages in a second, minute or hour: 10/s, 600/m", 3,
	9, "0*[1-9][0-9]{0,5}/[smh]");
static const struct shape relay_connections = {
	.kind = SHAPE_INTEGER, .name = "a number of connections", .min = 1, .max = 1000};

const struct shape shape_relay = {
	.kind = SHAPE_STRUCT,
	.name = "a relay",
	.members = MEMBERS({"RelayName", &relay_name, true}, {"ServerName", &server_name, true},
		{"ServerPort", &port, true}, {"Authentication", &relay_authentication, true},
		{"Tags", &mm_tags, false}, {"ClientToken", &mm_client_token, false},
		{"TlsPolicy", &relay_tls, false}, {"CaFile", &file_name, false},
		{"TlsFingerprints", &fingerprints, false}, {"TlsNames", &tls_names, false},
		{"AuthMechanisms", &auth_mechanisms, false}, {"Servers", &relay_servers, false},
		{"ConnectTimeout", &relay_time, false}, {"Timeout", &relay_time, false},
		{"MaxConnections", &relay_connections, false}, {"MaxRate", &relay_rate, false},
		{"RelayId", &mm_any, false}, {"RelayArn", &mm_any, false},
		{"LastModifiedTimestamp", &mm_any, false}, WHEN),
};

SHAPE_OF_STRING(archive_name,
	"an archive name (letters, digits, _ and -, a letter or digit first and last)", 1, 64,
	"[a-zA-Z0-9][a-zA-Z0-9_-]*[a-zA-Z0-9]");
SHAPE_OF_ENUM(retention_period, "THREE_MONTHS", "SIX_MONTHS", "NINE_MONTHS", "ONE_YEAR",
	"EIGHTEEN_MONTHS", "TWO_YEARS", "THIRTY_MONTHS", "THREE_YEARS", "FOUR_YEARS",
	"FIVE_YEARS", "SIX_YEARS", "SEVEN_YEARS", "EIGHT_YEARS", "NINE_YEARS", "TEN_YEARS",
	"PERMANENT");
SHAPE_OF_UNION(retention, {"RetentionPeriod", &retention_period, false});
SHAPE_OF_ENUM(archive_state, "ACTIVE", "PENDING_DELETION");

/* Ours: an archive that is encrypted, one whose chain is signed. */
SHAPE_OF_STRING(private_key, "a file in secrets/, or an absolute path", 1, 4095, NULL);
SHAPE_OF_STRUCT(encryption, {"KeyFile", &private_key, true});
SHAPE_OF_STRUCT(seal, {"KeyFile", &private_key, true});

const struct shape shape_archive = {
	.kind = SHAPE_STRUCT,
	.name = "an archive",
	.members = MEMBERS({"ArchiveName", &archive_name, true},
		{"Retention", &retention, false}, {"KmsKeyArn", &mm_kms_key_arn, false},
		{"Encryption", &encryption, false}, {"Seal", &seal, false},
		{"Tags", &mm_tags, false}, {"ClientToken", &mm_client_token, false},
		{"ArchiveState", &archive_state, false}, {"ArchiveId", &mm_any, false},
		{"ArchiveArn", &mm_any, false}, WHEN),
};

/* One file holds what create-addon-subscription and create-addon-instance take;
 * Analyzer, ours, is the NAME of the `analysis:` fields that it stands for. */
SHAPE_OF_STRING(addon_name, "an add-on name", 1, 256, NULL);
SHAPE_OF_STRING(
	subscription_id, "a subscription id such as as-1a2b", 4, 67, "as-[a-zA-Z0-9]{1,64}");
SHAPE_OF_STRING(instance_id, "an instance id such as ai-1a2b", 4, 67, "ai-[a-zA-Z0-9]{1,64}");
SHAPE_OF_STRING(analyzer_name, "the name of an analyser (a-z, digits, . _ and -)", 1, 64,
	"[A-Za-z0-9._-]+");

/* Ours too: what mm-scan asks. */
static const struct shape list_weight = {.kind = SHAPE_INTEGER, .min = -1000, .max = 1000};
static const struct shape threshold = {.kind = SHAPE_INTEGER, .min = 1, .max = 32000};
SHAPE_OF_STRING(zone, "the name of a zone", 1, 253, "[a-zA-Z0-9_.-]+");
SHAPE_OF_STRING(list_name, "a name without spaces", 1, 64, "[A-Za-z0-9._-]+");
SHAPE_OF_STRUCT(dns_list, {"Zone", &zone, true}, {"Name", &list_name, false},
	{"Codes", &mm_any, false}, {"Weight", &list_weight, false});
SHAPE_OF_LIST(dns_lists, dns_list, 1, 32);

const struct shape shape_addon_instance = {
	.kind = SHAPE_STRUCT,
	.name = "an add-on",
	.members =
		MEMBERS({"AddonName", &addon_name, false}, {"Analyzer", &analyzer_name, false},
			{"Lists", &dns_lists, false}, {"Threshold", &threshold, false},
			{"AddonSubscriptionId", &subscription_id, false},
			{"AddonInstanceId", &instance_id, false},
			{"AddonInstanceArn", &mm_string, false},
			{"AddonSubscriptionArn", &mm_any, false}, {"Tags", &mm_tags, false},
			{"ClientToken", &mm_client_token, false}, WHEN),
};

/* What a SecretString of AWS Secrets Manager holds for SES; ingress points use
 * the password alone, and relays the token of OAuth, ours, if there is one, or what gets
 * them one from a token endpoint.  A value that departs from a pattern would be shown. */
SHAPE_OF_STRING(token_endpoint, "a URL, https://", 9, 2048, "https?://[!-~]+");

const struct shape shape_secret = {
	.kind = SHAPE_STRUCT,
	.name = "a secret",
	.members = MEMBERS({"password", &mm_string, false}, {"username", &mm_string, false},
		{"access-token", &mm_string, false}, {"previous-password", &mm_string, false},
		{"token-endpoint", &token_endpoint, false}, {"client-id", &mm_string, false},
		{"client-secret", &mm_string, false}, {"refresh-token", &mm_string, false},
		{"scope", &mm_string, false}, {"issuer", &mm_string, false},
		{"subject", &mm_string, false}, {"audience", &mm_string, false},
		{"private-key", &mm_string, false}, {"private-key-id", &mm_string, false},
		{"Name", &mm_any, false}, {"ARN", &mm_any, false}),
};

/* Ours: where DeliverToMailbox delivers. */
SHAPE_OF_STRING(maildir, "the absolute path of a Maildir", 2, 4095, "/.*");
SHAPE_OF_STRING(lmtp_server, "HOST:PORT or the absolute path of a socket", 1, 4095, NULL);

const struct shape shape_mailbox = {
	.kind = SHAPE_STRUCT,
	.name = "a mailbox",
	.members = MEMBERS({"Maildir", &maildir, false}, {"Lmtp", &lmtp_server, false},
		{"MailboxName", &mm_string, false}, {"MailboxArn", &mm_string, false}),
};

static const struct shape yes_no = {.kind = SHAPE_BOOLEAN};
SHAPE_OF_STRING(host_name, "a host name", 1, 253,
	"[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?(\\.[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?"
	")*");
SHAPE_OF_ENUM(verdict, "PASS", "FAIL", "GRAY", "PROCESSING_FAILED");
SHAPE_OF_STRING(refusal, "an SMTP reply such as 550 5.7.1 not allowed", 9, 400,
	"5[0-9][0-9] 5\\.[0-9]{1,3}\\.[0-9]{1,3}( [\\x20-\\x7e]+)?");

SHAPE_OF_STRING(directory, "the absolute path of a directory", 1, 4095, "/.*");
SHAPE_OF_STRING(endpoint, "a URL, http:// or https://", 1, 2048, "https?://.*");
SHAPE_OF_STRING(region, "a region such as us-east-1", 1, 64, "[a-z0-9-]+");
SHAPE_OF_STRUCT(s3_settings, {"Endpoint", &endpoint, false}, {"Region", &region, false},
	{"PathStyle", &yes_no, false});

SHAPE_OF_STRING(client_network, "an IP address or a network such as 192.0.2.0/24", 2, 49,
	"[0-9a-fA-F:.]+(/[0-9]{1,3})?");
SHAPE_OF_LIST(client_networks, client_network, 0, 0);
/* Ours: what mm-verdict signs with. */
SHAPE_OF_STRING(moment, "a time like 2026-11-22T10:00:00Z", 1, 64, NULL);
SHAPE_OF_STRING(header_name, "the name of a header field", 1, 100, "[!-9;-~]+");
SHAPE_OF_LIST(header_names, header_name, 1, 100);
SHAPE_OF_ENUM(canonicalization, "relaxed/relaxed", "relaxed/simple", "simple/relaxed",
	"simple/simple");
SHAPE_OF_STRING(duration, "a duration like 7d", 1, 20, NULL);

const struct shape shape_dkim_key = {
	.kind = SHAPE_STRUCT,
	.name = "a DKIM key",
	.members = MEMBERS({"Domain", &host_name, true}, {"Selector", &host_name, true},
		{"PrivateKey", &private_key, true}, {"NotBefore", &moment, false},
		{"NotAfter", &moment, false}, {"Headers", &header_names, false},
		{"Canonicalization", &canonicalization, false},
		{"ExpireAfter", &duration, false}),
};

SHAPE_OF_LIST(domains, host_name, 0, 1000);

/* TLS to the mail exchangers of a domain. */
SHAPE_OF_STRING(policy_domain, "a domain, or *.DOMAIN for those below it", 1, 255, NULL);
SHAPE_OF_STRUCT(tls_of_domain, {"Domain", &policy_domain, true}, {"Policy", &relay_tls, true},
	{"Fingerprints", &fingerprints, false}, {"Names", &tls_names, false},
	{"Port", &port, false});
SHAPE_OF_LIST(tls_policies, tls_of_domain, 0, 10000);

const struct shape shape_settings = {
	.kind = SHAPE_STRUCT,
	.name = "the settings of a site",
	.members = MEMBERS({"Hostname", &host_name, false}, {"AuthservId", &host_name, false},
		{"CaseSensitive", &yes_no, false}, {"AddressHeaderText", &yes_no, false},
		{"SrsDomain", &host_name, false}, {"SpfSoftfail", &verdict, false},
		{"SpfNeutral", &verdict, false}, {"SpfPermerror", &verdict, false},
		{"SpfAllow", &client_networks, false}, {"DenyReply", &refusal, false},
		{"SizeReply", &refusal, false}, {"ArchiveRoot", &directory, false},
		{"S3", &s3_settings, false}, {"ArcTrustedSealers", &domains, false},
		{"TlsPolicies", &tls_policies, false}, {"StateDir", &directory, false}),
};
