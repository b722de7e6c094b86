/* The conditions that Mail Manager does not have, mm-rules(5). */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "condition_impl.h"
#include "log.h"

static bool
regex_holds(const struct condition *c, size_t i, struct str text)
{
	enum regex_result result = regex_match(c->regexes[i], text);
	if (result == REGEX_TOO_HARD && regex_complain(c->regexes[i]))
		log_warn("%s: takes too many steps for a text of %zu octets; it counts as no "
			 "match",
			c->text, text.n);
	return result == REGEX_YES;
}

static bool
match_regex(const struct condition *c, struct facts *f, struct buf *found)
{
	struct value analysis;
	struct values v;
	bool any = false;
	if (c->analyzer) {
		analysis.text = facts_analysis(f, str_of(c->analyzer), str_of(c->field));
		v = (struct values){&analysis, analysis.text.p != NULL};
	} else {
		v = facts_texts(f, c->id, c->header);
	}
	for (size_t i = 0; i < v.n && !any; i++)
		for (size_t k = 0; k < c->n && !any; k++)
			any = regex_holds(c, k, v.list[i].text);
	condition_say_values(found, v);
	return any != c->negative;
}

static bool
match_time(const struct condition *c, struct facts *f, struct buf *found)
{
	static const char *const days[] = {
		"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
	int minute = zone_minute(c->zone, facts_time(f)), of_day = minute % (24 * 60);
	if (found)
		buf_addf(found, "%s %02d:%02d", days[minute / (24 * 60)], of_day / 60,
			of_day % 60);
	return week_has(c->week, minute) != c->negative;
}

/* One host has a whole network of IPv6 to itself. */
static struct str
address_key(const struct ip *ip)
{
	if (!ip)
		return STR_NONE;
	return str_n((const char *)ip->octets, ip->family == AF_INET ? 4 : 8);
}

static bool
match_rate(const struct condition *c, struct facts *f, struct buf *found)
{
	struct str key, text;
	if (c->family) {
		key = address_key(facts_client_ip(f));
		text = record_get(f->rec, "client-ip");
	} else {
		struct values v = facts_texts(f, c->id, c->header);
		key = v.n ? v.list[0].folded : STR_NONE;
		text = v.n ? v.list[0].text : STR_NONE;
		if (v.n && !key.p)
			key = STR("");
	}
	condition_say(found, text);
	if (!key.p)
		return c->negative;
	uint32_t count = rate_count(c->rate, key, record_get(f->rec, "id"), facts_time(f));
	if (found)
		buf_addf(found, " -> %s%u", count > c->most ? "more than " : "",
			count > c->most ? c->most : count);
	return (count > c->most) != c->negative;
}

/* Every one is asked when it is to be told what was found. */
static bool
match_group(const struct condition *c, struct facts *f, struct buf *found)
{
	bool any = c->subject == SUBJECT_ANY_OF, holds = !any;
	for (size_t i = 0; i < c->all.n && (found || holds != any); i++) {
		if (found && i > 0)
			buf_addstr(found, "; ");
		bool one = condition_match(&c->all.list[i], f, found);
		if (found)
			buf_addstr(found, one ? " (yes)" : " (no)");
		if (one == any)
			holds = any;
	}
	return holds != (c->subject == SUBJECT_NOT);
}

bool
condition_ext_match(const struct condition *c, struct facts *f, struct buf *found)
{
	switch (c->subject) {
	case SUBJECT_REGEX:
		return match_regex(c, f, found);
	case SUBJECT_TIME:
		return match_time(c, f, found);
	case SUBJECT_RATE:
		return match_rate(c, f, found);
	default:
		return match_group(c, f, found);
	}
}

void
condition_ext_release(struct condition *c)
{
	for (size_t i = 0; c->regexes && i < c->n; i++)
		regex_free(c->regexes[i]);
	free(c->regexes);
	free(c->week);
	zone_close(c->zone);
	rate_free(c->rate);
	conditions_release(&c->all);
}
