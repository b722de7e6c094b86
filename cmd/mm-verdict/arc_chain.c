#include "arc_chain.h"
#include "authres.h"
#include "num.h"
#include "tags.h"

static unsigned
instance_of(struct str value)
{
	uint64_t n;
	return value.n <= 2 && num_u64(value, 1, ARC_MAX_INSTANCE, &n) == 0 ? (unsigned)n : 0;
}

/* arc-info of section 4.1.1: [CFWS] "i" [CFWS] "=" [CFWS] 1*2DIGIT [CFWS] ";" */
static unsigned
results_instance(struct str *rest)
{
	size_t digits = 0;
	if (!authres_skip_cfws(rest) || !rest->n || rest->p[0] != 'i')
		return 0;
	*rest = str_skip(*rest, 1);
	if (!authres_skip_cfws(rest) || !rest->n || rest->p[0] != '=')
		return 0;
	*rest = str_skip(*rest, 1);
	if (!authres_skip_cfws(rest))
		return 0;
	while (digits < rest->n && rest->p[digits] >= '0' && rest->p[digits] <= '9')
		digits++;
	struct str number = str_n(rest->p, digits);
	*rest = str_skip(*rest, digits);
	if (!authres_skip_cfws(rest) || !rest->n || rest->p[0] != ';')
		return 0;
	*rest = str_skip(*rest, 1);
	return instance_of(number);
}

struct str
arc_results_payload(const struct header_field *f)
{
	struct str rest = f->value;
	return results_instance(&rest) ? rest : STR_NONE;
}

/* The field's place in its set, and its instance. */
static const struct header_field **
place(struct arc_chain *c, const struct header_field *f, unsigned *instance, bool *arc)
{
	bool results = str_ieq(f->name, STR("ARC-Authentication-Results"));
	bool signature = str_ieq(f->name, STR("ARC-Message-Signature"));
	bool seal = str_ieq(f->name, STR("ARC-Seal"));
	struct str rest = f->value;
	struct tags t;
	*arc = results || signature || seal;
	*instance = 0;
	if (results)
		*instance = results_instance(&rest);
	else if (*arc && tags_parse(&t, f->value) == 0)
		*instance = instance_of(tags_get(&t, "i"));
	if (*instance == 0)
		return NULL;
	struct arc_set *set = &c->sets[*instance - 1];
	return results ? &set->results : signature ? &set->signature : &set->seal;
}

static const char *
take(struct arc_chain *c, const struct header_field *f)
{
	unsigned instance;
	bool arc;
	const struct header_field **at = place(c, f, &instance, &arc);
	c->present |= arc;
	if (!at)
		return arc ? "a field of ARC without a valid i=" : NULL;
	if (instance > c->n)
		c->n = instance;
	if (*at)
		return "two fields of ARC with the same i=";
	*at = f;
	return NULL;
}

/* Section 5.2 step 3: whole sets from 1 on; the first seal found no chain, the
 * others one that passed. */
static const char *
check_sets(const struct arc_chain *c)
{
	for (unsigned i = 0; i < c->n; i++) {
		const struct arc_set *s = &c->sets[i];
		struct tags t;
		if (!s->results || !s->signature || !s->seal)
			return "a set of ARC is not whole";
		if (tags_parse(&t, s->seal->value) < 0 ||
			!str_eq(tags_get(&t, "cv"), i ? STR("pass") : STR("none")))
			return i ? "a later seal without cv=pass"
				 : "the first seal without cv=none";
	}
	return NULL;
}

static bool
says_fail(const struct header_field *seal)
{
	struct tags t;
	return seal && tags_parse(&t, seal->value) == 0 &&
	       str_eq(tags_get(&t, "cv"), STR("fail"));
}

const char *
arc_chain_collect(struct arc_chain *c, const struct message *msg)
{
	const char *fault = NULL;
	*c = (struct arc_chain){0};
	for (size_t i = 0; i < msg->nfields; i++) {
		const char *found = take(c, &msg->fields[i]);
		fault = fault ? fault : found;
	}
	c->failed = c->n && says_fail(c->sets[c->n - 1].seal);
	if (c->present && (msg->stray || msg->dropped))
		return msg->stray ? "a line in the header is no field"
				  : "too many header fields";
	if (fault)
		return fault;
	return c->failed ? "the newest seal says cv=fail" : check_sets(c);
}
