#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "condition_compile.h"
#include "mem.h"

static const struct {
	const char *word;
	enum fact fact, text; /* text 0: there is none */
} text_attributes[] = {
	{"RECIPIENT", FACT_RECIPIENT, 0},
	{"MAIL_FROM", FACT_MAIL_FROM, 0},
	{"HELO", FACT_HELO, 0},
	{"SUBJECT", FACT_SUBJECT, 0},
	{"SENDER", FACT_SENDER, FACT_SENDER_TEXT},
	{"FROM", FACT_FROM, FACT_FROM_TEXT},
	{"TO", FACT_TO, FACT_TO_TEXT},
	{"CC", FACT_CC, FACT_CC_TEXT},
	{"CN", FACT_CERT_CN, 0},
	{"SAN_RFC822_NAME", FACT_CERT_EMAIL, 0},
	{"SAN_DNS_NAME", FACT_CERT_DNS, 0},
	{"SAN_DIRECTORY_NAME", FACT_CERT_DIR, 0},
	{"SAN_UNIFORM_RESOURCE_IDENTIFIER", FACT_CERT_URI, 0},
	{"SAN_IP_ADDRESS", FACT_CERT_IP, 0},
	{"SAN_REGISTERED_ID", FACT_CERT_RID, 0},
	{"SERIAL_NUMBER", FACT_CERT_SERIAL, 0},
	{"BODY", FACT_BODY, 0},
	{"ATTACHMENT_NAME", FACT_ATTACHMENT_NAME, 0},
	{"ATTACHMENT_TYPE", FACT_ATTACHMENT_TYPE, 0},
	{"DMARC_RESULT", FACT_DMARC_RESULT, 0},
	{"ARC_RESULT", FACT_ARC_RESULT, 0},
	{"AUTH_USER", FACT_AUTH_USER, 0},
	{"INGRESS", FACT_INGRESS, 0},
};

static void
set_attribute(struct condition *c, struct str word, const struct references *refs)
{
	for (size_t i = 0; i < sizeof(text_attributes) / sizeof(text_attributes[0]); i++) {
		if (!str_eq(word, str_of(text_attributes[i].word)))
			continue;
		c->id = text_attributes[i].fact;
		c->text_id = refs->settings.address_header_text ? text_attributes[i].text : 0;
	}
}

static void
set_operator(struct condition *c, struct str word)
{
	static const struct {
		const char *word;
		enum operator op;
		bool negative;
	} operators[] = {
		{"EQUALS", OP_EQUALS, false},
		{"NOT_EQUALS", OP_EQUALS, true},
		{"STARTS_WITH", OP_STARTS_WITH, false},
		{"ENDS_WITH", OP_ENDS_WITH, false},
		{"CONTAINS", OP_CONTAINS, false},
		{"LESS_THAN", OP_LESS, false},
		{"LESS_THAN_OR_EQUAL", OP_LESS_OR_EQUAL, false},
		{"GREATER_THAN", OP_GREATER, false},
		{"GREATER_THAN_OR_EQUAL", OP_GREATER_OR_EQUAL, false},
		{"CIDR_MATCHES", OP_EQUALS, false},
		{"NOT_CIDR_MATCHES", OP_EQUALS, true},
		{"IS_TRUE", OP_EQUALS, false},
		{"IS_FALSE", OP_EQUALS, true},
		{"IS", OP_EQUALS, false},
		{"MINIMUM_TLS_VERSION", OP_MINIMUM, false},
		{"NOT_MATCHES", OP_EQUALS, true},
		{"NOT_WITHIN", OP_EQUALS, true},
	};
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (!str_eq(word, str_of(operators[i].word)))
			continue;
		c->op = operators[i].op;
		c->negative = operators[i].negative;
	}
}

static void
set_analysis(struct condition *c, const struct expression *x, const json_t *analysis)
{
	c->analyzer = references_analyzer(x->refs, json_str(analysis, "Analyzer"), x->ps);
	c->field = str_dup(json_str(analysis, "ResultField"));
}

void
compile_values(struct condition *c, const json_t *list)
{
	c->n = json_array_size(list);
	c->values = xcalloc(c->n + 1, sizeof(*c->values));
	for (size_t i = 0; i < c->n; i++) {
		struct str value = json_text(json_array_get(list, i));
		char *p = str_dup(value);
		for (size_t j = 0; c->folded && j < value.n; j++)
			p[j] = ascii_lower(p[j]);
		c->values[i] = str_n(p, value.n);
	}
}

static void
set_networks(struct condition *c, const struct expression *x)
{
	struct json_at values = {.up = x->at, .key = "Values"};
	const json_t *list = json_object_get(x->json, "Values");
	c->n = json_array_size(list);
	c->networks = xcalloc(c->n + 1, sizeof(*c->networks));
	for (size_t i = 0; i < c->n; i++) {
		struct json_at here = {.up = &values, .index = i};
		struct str text = json_text(json_array_get(list, i));
		if (cidr_parse(text, &c->networks[i]) == 0)
			continue;
		c->networks[i] = (struct cidr){0}; /* takes no address at all */
		json_problem(x->ps, x->doc, &here, false,
			x->refs->lenient ? PROBLEM_WARNING : PROBLEM_ERROR,
			"expected a network such as 192.0.2.0/24 or 2001:db8::/32, "
			"found "
			"\"%.*s\"",
			STR_ARG(text));
	}
}

/* The first of these members that there is. */
static struct str
member_of(const json_t *object, const char *const *names)
{
	struct str text = STR_NONE;
	while (*names && !text.p)
		text = json_str(object, *names++);
	return text;
}

void
compile_text_attribute(struct condition *c, const struct expression *x)
{
	static const char *const headers[] = {"MimeHeaderAttribute", "HeaderAttribute", NULL},
				 *const attributes[] = {"Attribute",
					 "ClientCertificateAttribute", "ExtendedAttribute",
					 NULL};
	const json_t *evaluate = json_object_get(x->json, "Evaluate"),
		     *analysis = json_object_get(evaluate, "Analysis");
	struct str header = member_of(evaluate, headers);
	c->subject = analysis ? SUBJECT_ANALYSIS : SUBJECT_TEXT;
	if (analysis) {
		set_analysis(c, x, analysis);
	} else if (header.p) {
		c->header = str_dup(header);
		c->id = FACT_COUNT + references_header(x->refs, c->header);
	} else {
		set_attribute(c, member_of(evaluate, attributes), x->refs);
	}
}

static void
compile_string(struct condition *c, const struct expression *x)
{
	c->folded = !x->refs->settings.case_sensitive;
	compile_values(c, json_object_get(x->json, "Values"));
	compile_text_attribute(c, x);
}

static void
compile_boolean(struct condition *c, const struct expression *x)
{
	const json_t *evaluate = json_object_get(x->json, "Evaluate"),
		     *analysis = json_object_get(evaluate, "Analysis"),
		     *in_list = json_object_get(evaluate, "IsInAddressList");
	struct str word = json_str(evaluate, "Attribute");
	if (analysis) {
		c->subject = SUBJECT_ANALYSIS_BOOLEAN;
		set_analysis(c, x, analysis);
	} else if (in_list) {
		struct json_at a = {.up = x->at, .key = "Evaluate"},
			       b = {.up = &a, .key = "IsInAddressList"},
			       l = {.up = &b, .key = "AddressLists"}, first = {.up = &l};
		c->subject = SUBJECT_LIST;
		word = json_str(in_list, "Attribute");
		if (x->refs->envelope_only && str_eq(word, STR("SENDER")))
			word = STR("MAIL_FROM");
		set_attribute(c, word, x->refs);
		c->list = references_list(x->refs, x->doc, &first,
			json_text(json_array_get(json_object_get(in_list, "AddressLists"), 0)),
			x->ps);
	} else {
		c->subject = SUBJECT_BOOLEAN;
		c->id = str_eq(word, STR("TLS"))           ? BOOLEAN_TLS
			: str_eq(word, STR("TLS_WRAPPED")) ? BOOLEAN_TLS_WRAPPED
							   : BOOLEAN_RECEIPT;
	}
}

static void
compile_number(struct condition *c, const struct expression *x)
{
	struct str word = json_str(json_object_get(x->json, "Evaluate"), "ExtendedAttribute");
	c->subject = SUBJECT_NUMBER;
	c->id = str_eq(word, STR("ATTACHMENT_COUNT"))  ? NUMBER_ATTACHMENTS
		: str_eq(word, STR("ATTACHMENT_SIZE")) ? NUMBER_ATTACHMENT_SIZE
						       : NUMBER_SIZE;
	c->number = json_number_value(json_object_get(x->json, "Value"));
}

static void
compile_ip(struct condition *c, const struct expression *x)
{
	struct str word = json_str(json_object_get(x->json, "Evaluate"), "Attribute");
	c->subject = SUBJECT_IP;
	c->family = str_eq(word, STR("SENDER_IP"))     ? AF_INET
		    : str_eq(word, STR("SENDER_IPV6")) ? AF_INET6
						       : 0;
	set_networks(c, x);
}

static void
compile_tls(struct condition *c, const struct expression *x)
{
	c->subject = SUBJECT_TLS;
	c->tls_version = str_eq(json_str(x->json, "Value"), STR("TLS1_3")) ? 13 : 12;
}

static void
compile_verdict(struct condition *c, const struct expression *x)
{
	const json_t *evaluate = json_object_get(x->json, "Evaluate"),
		     *analysis = json_object_get(evaluate, "Analysis"),
		     *list = json_object_get(x->json, "Values");
	enum verdict v = 0;
	c->subject = analysis ? SUBJECT_ANALYSIS_VERDICT
		     : str_eq(json_str(evaluate, "Attribute"), STR("SPF")) ? SUBJECT_SPF
									   : SUBJECT_DKIM;
	if (analysis)
		set_analysis(c, x, analysis);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (verdict_parse(json_text(json_array_get(list, i)), &v))
			c->verdicts |= v;
}

static void
compile_dmarc(struct condition *c, const struct expression *x)
{
	static const char *const words[] = {"NONE", "QUARANTINE", "REJECT"};
	const json_t *list = json_object_get(x->json, "Values");
	c->subject = SUBJECT_DMARC;
	for (size_t i = 0; i < json_array_size(list); i++)
		for (unsigned j = 0; j < 3; j++)
			if (str_eq(json_text(json_array_get(list, i)), str_of(words[j])))
				c->verdicts |= 1u << j;
}

void
compile_condition(struct condition *c, const struct expression *x)
{
	static const struct {
		const char *kind;
		void (*compile)(struct condition *c, const struct expression *x);
	} kinds[] = {
		{"StringExpression", compile_string},
		{"BooleanExpression", compile_boolean},
		{"NumberExpression", compile_number},
		{"IpExpression", compile_ip},
		{"Ipv6Expression", compile_ip},
		{"TlsExpression", compile_tls},
		{"VerdictExpression", compile_verdict},
		{"DmarcExpression", compile_dmarc},
		{"RegexExpression", compile_regex},
		{"TimeExpression", compile_time},
		{"RateExpression", compile_rate},
		{"AnyOf", compile_any_of},
		{"AllOf", compile_all_of},
		{"Not", compile_not},
	};
	void *member = json_object_iter((json_t *)x->json);
	const char *kind = json_object_iter_key(member);
	struct json_at here = {.up = x->at, .key = kind};
	struct expression inner = *x;
	inner.json = json_object_iter_value(member);
	inner.at = &here;
	set_operator(c, json_str(inner.json, "Operator"));
	c->settings = &x->refs->settings;
	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			kinds[i].compile(c, &inner);
	if (!c->text)
		c->text = condition_make_text(kind, inner.json);
}

int
conditions_compile(struct conditions *out, const struct json_doc *doc, const json_t *list,
	const struct json_at *at, struct references *refs, struct problems *ps)
{
	size_t before = ps->errors;
	out->n = json_array_size(list);
	out->list = xcalloc(out->n + 1, sizeof(*out->list));
	for (size_t i = 0; i < out->n; i++) {
		struct json_at item = {.up = at, .index = i};
		struct expression x = {doc, json_array_get(list, i), &item, refs, ps, 0};
		compile_condition(&out->list[i], &x);
	}
	if (ps->errors == before)
		return 0;
	conditions_release(out);
	return -1;
}
