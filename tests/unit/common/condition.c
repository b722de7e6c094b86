#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "condition.h"
#include "io.h"
#include "mailmanager.h"
#include "mem.h"
#include "tap.h"

/* What a case is evaluated on; a case names the ones it needs. */
static const char *const fields_full[] = {"client-ip: 192.0.2.7", "helo: MX.Example.org",
	"tls: TLSv1.3", "tls-wrapped: yes", "mail-from: <Alice@Example.ORG> SIZE=4711",
	"spf: softfail domain=example.org", "dkim: fail d=a s=b",
	"dkim: pass d=example.org s=mail", "dmarc: pass d=example.org policy=reject",
	"analysis: clam Virus_Name Eicar Test", "analysis: clam passed NO",
	"analysis: dnsbl listed TRUE", "cert-cn: client.example.org", "cert-san-dns: a.example",
	"cert-san-dns: b.example", "cert-serial: 0A1B", NULL};
static const char *const fields_none[] = {"id: x", NULL};
static const char *const fields_mapped[] = {"client-ip: ::ffff:192.0.2.7", "mail-from: <>",
	"tls: TLSv1.2", "spf: none", "dkim: none", "dmarc: none d=x", NULL};
static const char *const fields_v6[] = {"client-ip: 2001:db8::25", "mail-from: x SIZE=1",
	"spf: temperror", "dkim: permerror d=x", "dkim: neutral d=y",
	"dmarc: fail d=x policy=quarantine", "analysis: clam passed GRAY", NULL};

static const char message_full[] =
	"From: \"Eve, of X\" <eve@from.example>, Mallory <mal@other.example>\r\n"
	"To: Undisclosed friends: bob@to.example,\r\n"
	"  \"quoted, comma\" <Carol@To.Example> (a comment, with <x@y>);, dave@last.example\r\n"
	"Cc: =?utf-8?q?Ren=C3=A9?= <rene@cc.example>\r\n"
	"Sender: secretary@sender.example\r\n"
	"Subject: =?utf-8?B?w4RwZmVs?= =?iso-8859-1?q?_f=FCr?=\r\n"
	"\t alle\r\n"
	"X-Spam-Flag: YES\r\n"
	"X-Empty:\r\n"
	"x-spam-flag: maybe\r\n"
	"Disposition-Notification-To: eve@from.example\r\n"
	"\r\n"
	"body\r\n";
static const char message_plain[] = "From: a@b\r\nSubject: plain\r\n\r\nx\r\n";

static char *site;

static struct record *
make_record(const char *const *fields)
{
	struct record *r = record_new();
	for (size_t i = 0; fields[i]; i++) {
		struct str value = str_of(fields[i]), name = str_cut(&value, ':');
		char *key = str_dup(name);
		record_add(r, key, str_trim(value));
		free(key);
	}
	return r;
}

struct result {
	bool compiled, holds;
	char *found, *text;
};

static struct result
evaluate(const char *condition, const char *const *fields, const char *message)
{
	struct result out = {0};
	struct problems ps = {0};
	struct references refs;
	struct conditions c = {0};
	struct json_doc doc;
	struct message m = {0};
	struct facts f = {0};
	struct buf found = {0};
	char *text = xasprintf("[{%s}]", condition);
	struct record *r = make_record(fields);
	if (message)
		message_parse(&m, str_of(message));
	if (references_open(&refs, site, false, &ps) == 0 &&
		json_doc_parse(&doc, "c", str_of(text), &ps) == 0) {
		if (conditions_compile(&c, &doc, doc.root, NULL, &refs, &ps) == 0) {
			facts_begin(&f, r, message ? &m : NULL);
			facts_set_recipient(
				&f, STR("<Bob+Tag@Nutrition.example> NOTIFY=NEVER"));
			out = (struct result){true,
				condition_match(conditions_at(&c, 0), &f, &found),
				str_dup(buf_str(&found)),
				xstrdup(condition_text(conditions_at(&c, 0)))};
			if (condition_match(conditions_at(&c, 0), &f, NULL) != out.holds)
				out.compiled = false;
			facts_release(&f);
			conditions_release(&c);
		}
		json_doc_release(&doc);
	}
	problems_print(&ps, stdout);
	problems_release(&ps);
	references_release(&refs);
	message_release(&m);
	record_free(r);
	buf_release(&found);
	free(text);
	return out;
}

static void
test(bool expected, const char *condition, const char *const *fields, const char *message,
	const char *found)
{
	struct result r = evaluate(condition, fields, message);
	ok(r.compiled && r.holds == expected, "%s: %s: %s", r.text ? r.text : condition,
		r.found ? r.found : "(not compiled)", expected ? "holds" : "does not hold");
	if (found && (!r.found || strcmp(r.found, found) != 0))
		is_str(r.found, found, "what was found");
	free(r.found);
	free(r.text);
}

#define TEXT(attribute, operator, values) \
	"\"StringExpression\":{\"Evaluate\":{\"Attribute\":\"" attribute "\"},\"Operator\":\"" \
	operator"\",\"Values\":[" values "]}"
#define HEADER(name, operator, values) \
	"\"StringExpression\":{\"Evaluate\":{\"MimeHeaderAttribute\":\"" name \
	"\"},\"Operator\":\"" \
	operator"\",\"Values\":[" values "]}"
#define CERT(name, operator, values) \
	"\"StringExpression\":{\"Evaluate\":{\"ClientCertificateAttribute\":\"" name \
	"\"},\"Operator\":\"" \
	operator"\",\"Values\":[" values "]}"
#define ANALYSIS(analyzer, field) \
	"\"Evaluate\":{\"Analysis\":{\"Analyzer\":\"" analyzer "\",\"ResultField\":\"" field \
	"\"}}"
#define IP(kind, attribute, operator, values) \
	"\"" kind "\":{\"Evaluate\":{\"Attribute\":\"" attribute "\"},\"Operator\":\"" \
	operator"\",\"Values\":[" values "]}"
#define TLS(operator, value) \
	"\"TlsExpression\":{\"Evaluate\":{\"Attribute\":\"TLS_PROTOCOL\"},\"Operator\":\"" \
	operator"\",\"Value\":\"" value "\"}"
#define BOOLEAN(attribute, operator) \
	"\"BooleanExpression\":{\"Evaluate\":{\"Attribute\":\"" attribute \
	"\"},\"Operator\":\"" \
	operator"\"}"
#define LIST(attribute, name, operator) \
	"\"BooleanExpression\":{\"Evaluate\":{\"IsInAddressList\":{\"Attribute\":\"" attribute \
	"\",\"AddressLists\":[\"" name "\"]}},\"Operator\":\"" \
	operator"\"}"
#define SIZE(operator, value) \
	"\"NumberExpression\":{\"Evaluate\":{\"Attribute\":\"MESSAGE_SIZE\"},\"Operator\":\"" \
	operator"\",\"Value\":" value "}"
#define VERDICT(attribute, operator, values) \
	"\"VerdictExpression\":{\"Evaluate\":{\"Attribute\":\"" attribute \
	"\"},\"Operator\":\"" \
	operator"\",\"Values\":[" values "]}"
#define DMARC(operator, values) \
	"\"DmarcExpression\":{\"Operator\":\"" operator"\",\"Values\":[" values "]}"

#define FULL fields_full, message_full
#define BARE fields_none, NULL

static void
envelope_texts(void)
{
	test(true, TEXT("RECIPIENT", "EQUALS", "\"bob+tag@nutrition.EXAMPLE\""), FULL,
		"Bob+Tag@Nutrition.example");
	test(false, TEXT("RECIPIENT", "EQUALS", "\"bob@nutrition.example\""), FULL, NULL);
	test(true, TEXT("RECIPIENT", "STARTS_WITH", "\"x\",\"bob+\""), FULL, NULL);
	test(true, TEXT("RECIPIENT", "ENDS_WITH", "\"@nutrition.example\""), FULL, NULL);
	test(false, TEXT("RECIPIENT", "ENDS_WITH", "\"NEVER\""), FULL, NULL);
	test(true, TEXT("RECIPIENT", "CONTAINS", "\"tag@n\""), FULL, NULL);
	test(true, TEXT("RECIPIENT", "NOT_EQUALS", "\"a\",\"b\""), FULL, NULL);
	test(false, TEXT("RECIPIENT", "NOT_EQUALS", "\"a\",\"BOB+tag@nutrition.example\""),
		FULL, NULL);
	test(true, TEXT("MAIL_FROM", "EQUALS", "\"alice@example.org\""), FULL,
		"Alice@Example.ORG");
	test(false, TEXT("MAIL_FROM", "CONTAINS", "\"a\""), fields_mapped, NULL, "");
	test(true, TEXT("MAIL_FROM", "NOT_EQUALS", "\"a\""), fields_mapped, NULL, NULL);
	test(false, TEXT("MAIL_FROM", "EQUALS", "\"a\""), BARE, "absent");
	test(true, TEXT("HELO", "ENDS_WITH", "\".example.org\""), FULL, NULL);
	test(false, TEXT("HELO", "CONTAINS", "\"e\""), BARE, "absent");
	test(true, CERT("CN", "EQUALS", "\"CLIENT.example.org\""), FULL, NULL);
	test(true, CERT("SAN_DNS_NAME", "EQUALS", "\"b.example\""), FULL,
		"a.example, b.example");
	test(false, CERT("SAN_DNS_NAME", "NOT_EQUALS", "\"b.example\""), FULL, NULL);
	test(true, CERT("SERIAL_NUMBER", "EQUALS", "\"0a1b\""), FULL, NULL);
	test(false, CERT("SAN_RFC822_NAME", "CONTAINS", "\"@\""), FULL, "absent");
}

static void
header_texts(void)
{
	test(true, TEXT("FROM", "EQUALS", "\"mal@other.example\""), FULL,
		"eve@from.example, mal@other.example");
	test(false, TEXT("FROM", "NOT_EQUALS", "\"mal@other.example\""), FULL, NULL);
	test(false, TEXT("FROM", "CONTAINS", "\"Eve, of\""), FULL, NULL);
	test(true, TEXT("TO", "EQUALS", "\"carol@to.example\""), FULL,
		"bob@to.example, Carol@To.Example, dave@last.example");
	test(true, TEXT("TO", "STARTS_WITH", "\"dave@\""), FULL, NULL);
	test(false, TEXT("TO", "EQUALS", "\"x@y\""), FULL, NULL);
	test(true, TEXT("CC", "ENDS_WITH", "\"@cc.example\""), FULL, NULL);
	test(false, TEXT("CC", "ENDS_WITH", "\"@cc.example\""), fields_none, message_plain,
		"absent");
	test(true, TEXT("CC", "NOT_EQUALS", "\"a@b\""), fields_none, message_plain, NULL);
	test(true, TEXT("SENDER", "EQUALS", "\"Secretary@sender.example\""), FULL, NULL);
	test(true, TEXT("SUBJECT", "EQUALS", "\"\\u00c4pfel f\\u00fcr\\t alle\""), FULL, NULL);
	test(true, TEXT("SUBJECT", "CONTAINS", "\"FEL F\\u00fcR\""), FULL, NULL);
	test(false, TEXT("SUBJECT", "CONTAINS", "\"utf-8\""), FULL, NULL);
	test(false, TEXT("SUBJECT", "CONTAINS", "\"a\""), BARE, "absent");
	test(true, TEXT("SUBJECT", "EQUALS", "\"PLAIN\""), fields_none, message_plain, "plain");
	test(true, HEADER("X-SPAM-FLAG", "EQUALS", "\"maybe\""), FULL, "YES, maybe");
	test(true, HEADER("X-Spam-Flag", "STARTS_WITH", "\"y\""), FULL, NULL);
	test(false, HEADER("X-Empty", "CONTAINS", "\"y\""), FULL, "");
	test(false, HEADER("X-Absent", "CONTAINS", "\"y\""), FULL, "absent");
	test(true, HEADER("X-Absent", "NOT_EQUALS", "\"y\""), FULL, NULL);
	test(true, BOOLEAN("READ_RECEIPT_REQUESTED", "IS_TRUE"), FULL, "true");
	test(true, BOOLEAN("READ_RECEIPT_REQUESTED", "IS_FALSE"), fields_none, message_plain,
		NULL);
}

static void
connection(void)
{
	test(false,
		IP("Ipv6Expression", "SENDER_IPV6", "CIDR_MATCHES", "\"::ffff:c000:200/120\""),
		fields_mapped, NULL, NULL);
	test(true, IP("IpExpression", "SENDER_IP", "CIDR_MATCHES", "\"192.0.2.0/24\""), FULL,
		"192.0.2.7");
	test(false, IP("IpExpression", "SENDER_IP", "CIDR_MATCHES", "\"192.0.2.8/29\""), FULL,
		NULL);
	test(true, IP("IpExpression", "SENDER_IP", "CIDR_MATCHES", "\"192.0.2.7/32\""),
		fields_mapped, NULL, NULL);
	test(false, IP("Ipv6Expression", "SENDER_IPV6", "CIDR_MATCHES", "\"::/0\""),
		fields_mapped, NULL, NULL);
	test(false,
		IP("IpExpression", "SENDER_IP", "NOT_CIDR_MATCHES",
			"\"10.0.0.0/8\",\"192.0.0.0/8\""),
		FULL, NULL);
	test(true, IP("IpExpression", "SENDER_IP", "NOT_CIDR_MATCHES", "\"0.0.0.0/0\""),
		fields_v6, NULL, NULL);
	test(true, IP("Ipv6Expression", "SENDER_IPV6", "CIDR_MATCHES", "\"2001:db8::/32\""),
		fields_v6, NULL, NULL);
	test(true,
		IP("IpExpression", "SOURCE_IP", "CIDR_MATCHES",
			"\"10.0.0.0/8\",\"2001:db8::25\""),
		fields_v6, NULL, NULL);
	test(false, IP("IpExpression", "SOURCE_IP", "CIDR_MATCHES", "\"0.0.0.0/0\""), BARE,
		"absent");
	test(true, TLS("MINIMUM_TLS_VERSION", "TLS1_3"), FULL, "TLSv1.3");
	test(true, TLS("MINIMUM_TLS_VERSION", "TLS1_2"), FULL, NULL);
	test(false, TLS("MINIMUM_TLS_VERSION", "TLS1_3"), fields_mapped, NULL, NULL);
	test(false, TLS("MINIMUM_TLS_VERSION", "TLS1_2"), BARE, "no TLS");
	test(false, TLS("IS", "TLS1_2"), FULL, NULL);
	test(true, TLS("IS", "TLS1_2"), fields_mapped, NULL, NULL);
	test(false, TLS("IS", "TLS1_2"), BARE, NULL);
	test(true, BOOLEAN("TLS", "IS_TRUE"), FULL, NULL);
	test(true, BOOLEAN("TLS", "IS_FALSE"), BARE, "false");
	test(true, BOOLEAN("TLS_WRAPPED", "IS_TRUE"), FULL, NULL);
	test(false, BOOLEAN("TLS_WRAPPED", "IS_TRUE"), fields_mapped, NULL, NULL);
}

static void
sizes(void)
{
	const char *const none[] = {"mail-from: <a@b>", NULL};
	const char *const declared[] = {"mail-from: <a@b> SIZE=4711", NULL};
	test(true, SIZE("EQUALS", "4711"), declared, NULL, "4711");
	test(true, SIZE("LESS_THAN", "4711.5"), declared, NULL, NULL);
	test(false, SIZE("LESS_THAN", "4711"), declared, NULL, NULL);
	test(true, SIZE("LESS_THAN_OR_EQUAL", "4711"), declared, NULL, NULL);
	test(false, SIZE("GREATER_THAN", "4711"), declared, NULL, NULL);
	test(true, SIZE("GREATER_THAN_OR_EQUAL", "4711"), declared, NULL, NULL);
	test(true, SIZE("NOT_EQUALS", "1"), declared, NULL, NULL);
	test(false, SIZE("NOT_EQUALS", "4711"), declared, NULL, NULL);
	test(true, SIZE("LESS_THAN", "100"), fields_full, message_plain, "32");
	test(false, SIZE("LESS_THAN", "100"), none, NULL, "absent");
	test(false, SIZE("GREATER_THAN", "0"), none, NULL, NULL);
	test(true, SIZE("NOT_EQUALS", "0"), none, NULL, NULL);
}

static void
verdicts(void)
{
	test(true, VERDICT("SPF", "EQUALS", "\"GRAY\""), FULL, "softfail -> GRAY");
	test(true, VERDICT("SPF", "EQUALS", "\"GRAY\""), fields_mapped, NULL, "none -> GRAY");
	test(true, VERDICT("SPF", "EQUALS", "\"PROCESSING_FAILED\""), fields_v6, NULL, NULL);
	test(true, VERDICT("SPF", "EQUALS", "\"PROCESSING_FAILED\""), BARE,
		"absent -> PROCESSING_FAILED");
	test(true, VERDICT("SPF", "NOT_EQUALS", "\"PASS\",\"FAIL\""), FULL, NULL);
	test(false, VERDICT("SPF", "NOT_EQUALS", "\"PASS\",\"GRAY\""), FULL, NULL);
	test(true, VERDICT("DKIM", "EQUALS", "\"PASS\""), FULL, "pass -> PASS");
	test(true, VERDICT("DKIM", "EQUALS", "\"GRAY\""), fields_mapped, NULL, "none -> GRAY");
	test(true, VERDICT("DKIM", "EQUALS", "\"FAIL\",\"PROCESSING_FAILED\""), fields_v6, NULL,
		"permerror -> PROCESSING_FAILED");
	test(true, DMARC("EQUALS", "\"REJECT\""), FULL, "reject");
	test(true, DMARC("EQUALS", "\"NONE\""), fields_mapped, NULL, "none");
	test(false, DMARC("NOT_EQUALS", "\"NONE\",\"QUARANTINE\""), fields_v6, NULL, NULL);
	test(false, DMARC("EQUALS", "\"NONE\""), BARE, "absent");
}

static void
analyses(void)
{
	test(true,
		"\"StringExpression\":{" ANALYSIS("clam",
			"addon.virus name") ", "
					    "\"Operator\":\"CONTAINS\",\"Values\":[\"EICAR\"]}",
		FULL, "Eicar Test");
	test(true,
		"\"StringExpression\":{" ANALYSIS("arn:aws:ses:x:1:addon-instance/ai-1",
			"virus_name") ", \"Operator\":\"EQUALS\",\"Values\":[\"eicar test\"]}",
		FULL, NULL);
	test(false,
		"\"BooleanExpression\":{" ANALYSIS(
			"clam", "passed") ",\"Operator\":\"IS_TRUE\"}",
		FULL, "NO");
	test(true,
		"\"BooleanExpression\":{" ANALYSIS(
			"clam", "passed") ",\"Operator\":\"IS_FALSE\"}",
		FULL, NULL);
	test(true,
		"\"BooleanExpression\":{" ANALYSIS(
			"dnsbl", "Listed") ",\"Operator\":\"IS_TRUE\"}",
		FULL, NULL);
	test(false,
		"\"BooleanExpression\":{" ANALYSIS("dnsbl", "x") ",\"Operator\":\"IS_TRUE\"}",
		FULL, "absent");
	test(false,
		"\"BooleanExpression\":{" ANALYSIS("dnsbl", "x") ",\"Operator\":\"IS_FALSE\"}",
		FULL, "absent");
	test(true,
		"\"VerdictExpression\":{" ANALYSIS(
			"clam", "passed") ",\"Operator\":\"EQUALS\",\"Values\":[\"FAIL\"]}",
		FULL, "NO -> FAIL");
	test(true,
		"\"VerdictExpression\":{" ANALYSIS(
			"clam", "passed") ",\"Operator\":\"EQUALS\",\"Values\":[\"GRAY\"]}",
		fields_v6, NULL, NULL);
	test(true,
		"\"VerdictExpression\":{" ANALYSIS(
			"clam", "passed") ",\"Operator\":\"EQUALS\",\"Values\":[\"PROCESSING_"
					  "FAILED\"]}",
		BARE, NULL);
}

static void
lists(void)
{
	test(true, LIST("RECIPIENT", "vips", "IS_TRUE"), FULL, NULL);
	test(false, LIST("RECIPIENT", "vips", "IS_FALSE"), FULL, NULL);
	test(true, LIST("TO", "vips", "IS_TRUE"), FULL, NULL);
	test(false, LIST("CC", "vips", "IS_TRUE"), FULL, "rene@cc.example");
	test(true, LIST("CC", "vips", "IS_FALSE"), FULL, NULL);
	test(true, LIST("FROM", "arn:aws:ses:x:1:mailmanager-address-list/vips", "IS_FALSE"),
		fields_none, NULL, "absent");
}

static void
write_file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", site, name);
	if (io_write_file(path, text, strlen(text), 0644) < 0)
		ok(false, "cannot write %s", path);
	free(path);
}

static void
settings(void)
{
	write_file("site.json", "{\"CaseSensitive\":true,\"SpfSoftfail\":\"FAIL\","
				"\"AddressHeaderText\":true}");
	test(false, TEXT("HELO", "EQUALS", "\"mx.example.org\""), FULL, NULL);
	test(true, TEXT("HELO", "EQUALS", "\"MX.Example.org\""), FULL, NULL);
	test(true, VERDICT("SPF", "EQUALS", "\"FAIL\""), FULL, "softfail -> FAIL");
	test(true, TEXT("FROM", "CONTAINS", "\"Eve, of X\""), FULL, NULL);
	test(true, TEXT("CC", "STARTS_WITH", "\"Ren\\u00e9 <\""), FULL, NULL);
}

int
main(void)
{
	char dir[] = "/tmp/mm-condition-XXXXXX";
	site = mkdtemp(dir);
	char *cleanup = xasprintf("%s/address-lists", site),
	     *addons = xasprintf("%s/addons", site);
	mkdir(cleanup, 0700);
	mkdir(addons, 0700);
	write_file("address-lists/vips", "# very important\n bob*@nutrition.example \n"
					 "LAST.example\n");
	write_file("addons/av.json", "{\"AddonInstanceArn\":\"arn:aws:ses:x:1:addon-instance/"
				     "ai-1\",\"Analyzer\":\"clam\"}");
	envelope_texts();
	header_texts();
	connection();
	sizes();
	verdicts();
	analyses();
	lists();
	settings();
	static const char *const files[] = {
		"site.json", "address-lists/vips", "addons/av.json", "address-lists", "addons"};
	for (size_t i = 0; i < 5; i++) {
		char *path = xasprintf("%s/%s", site, files[i]);
		(void)remove(path);
		free(path);
	}
	rmdir(site);
	free(cleanup);
	free(addons);
	return done();
}
