#include "spf_exp.h"
#include "spf_macro.h"
#include "spf_ptr.h"

static bool
printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] >= 0x7f)
			return false;
	return true;
}

/* What macros put in is the sender's: it may be anything. */
static void
copy_printable(struct str s, char *out, size_t size)
{
	(void)str_copy(s, out, size);
	for (char *c = out; *c; c++)
		if (*c < ' ' || *c >= 0x7f)
			*c = '?';
}

static enum step
expand(struct spf_scope *s, struct str text, char *out, size_t size)
{
	char validated[DNS_NAME_SIZE];
	struct buf whole = {0};
	struct spf_macros m = {.query = s->query, .domain = s->domain, .explanation = true};
	if (spf_macro_used(text, 'p')) {
		if (spf_ptr_name(s, validated) == STEP_WAIT)
			return STEP_WAIT;
		m.validated = validated;
	}
	if (printable(text) && spf_macro_expand(&whole, text, &m))
		copy_printable(buf_str(&whole), out, size);
	buf_release(&whole);
	return STEP_DONE;
}

enum step
spf_explain(struct spf_scope *s, struct str exp, char *out, size_t size)
{
	char name[DNS_NAME_SIZE];
	struct buf text = {0};
	bool possible;
	enum step step = STEP_DONE;
	*out = '\0';
	if (spf_target(s, exp, name, &possible) == STEP_WAIT)
		return STEP_WAIT;
	if (!possible)
		return STEP_DONE;
	const struct answer *a = answers_get(s->answers, name, DNS_TXT);
	if (!a)
		return STEP_WAIT;
	if (a->status == DNS_FOUND && a->n == 1 && dns_rdata_txt(a->rdata[0], &text) == 0)
		step = expand(s, buf_str(&text), out, size);
	buf_release(&text);
	return step;
}
