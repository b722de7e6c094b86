#include <stdlib.h>

#include "clean_text.h"
#include "message.h"
#include "report.h"

static void
line(FILE *out, const char *method, enum auth_result result, const char *reason)
{
	bool more = reason && *reason;
	fprintf(out, more ? "  %-6s %-10s" : "  %-6s %s", method, auth_word(result));
	if (more) {
		putc(' ', out);
		clean_text_print(out, str_of(reason));
	}
	putc('\n', out);
}

static void
detail(FILE *out, const char *name, struct str value)
{
	if (!value.n)
		return;
	fprintf(out, "           %s ", name);
	clean_text_print(out, value);
	putc('\n', out);
}

static void
print_header(FILE *out, const struct record *rec)
{
	struct message m = {0};
	message_parse(&m, str_n(rec->body->p, rec->body->n));
	const struct header_field *from = message_field(&m, "From");
	const struct header_field *subject = message_field(&m, "Subject");
	fputs("message ", out);
	clean_text_print(out, record_get(rec, "id"));
	putc('\n', out);
	detail(out, "from", from ? str_trim(from->value) : STR_NONE);
	detail(out, "subject", subject ? str_trim(subject->value) : STR_NONE);
	message_release(&m);
}

static void
print_diagnosis(FILE *out, const struct dkim_diagnosis *d)
{
	if (!d)
		return;
	detail(out, "differs", str_of(d->differs));
	detail(out, "because",
		*d->because ? str_of(d->because) : STR("no known kind of change"));
	detail(out, "fix", str_of(d->fix));
}

static void
print_dkim(FILE *out, const struct verdict *v)
{
	if (v->ndkim == 0)
		line(out, "dkim", AUTH_NONE, "not signed");
	for (size_t i = 0; i < v->ndkim; i++) {
		line(out, "dkim", v->dkim[i].result, v->dkim[i].reason);
		detail(out, "domain", str_of(v->dkim[i].domain));
		detail(out, "selector", str_of(v->dkim[i].selector));
		print_diagnosis(out, v->dkim[i].diagnosis);
	}
}

static void
print_arc(FILE *out, const struct verdict *v)
{
	line(out, "arc", v->arc,
		v->arc_trusted ? "sealed by one that is trusted" : v->arc_reason);
	detail(out, "domain", str_of(v->arc_domain));
}

void
report_print(FILE *out, const struct record *rec, const struct verdict *v)
{
	print_header(out, rec);
	line(out, "spf", v->spf, v->spf_reason);
	detail(out, v->spf_helo ? "helo" : "mail from", str_of(v->spf_domain));
	detail(out, "client", record_get(rec, "client-ip"));
	detail(out, "the domain says", str_of(v->spf_explanation));
	if (v->helo_known) {
		line(out, "spf", v->helo, v->helo_reason);
		detail(out, "helo", str_of(v->helo_domain));
	}
	if (v->dkim_known)
		print_dkim(out, v);
	if (v->arc_known && v->arc != AUTH_NONE)
		print_arc(out, v);
	if (v->dmarc_known) {
		line(out, "dmarc", v->dmarc,
			v->dmarc_overridden ? "forwarded by one that is trusted"
					    : v->dmarc_reason);
		detail(out, "from", str_of(v->dmarc_domain));
		detail(out, "policy", str_of(dmarc_policy_word(v->dmarc_policy)));
	}
	if (v->iprev_known) {
		line(out, "iprev", v->iprev, NULL);
		detail(out, "name", str_of(v->iprev_name));
	}
}
