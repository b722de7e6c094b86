#include <stdio.h>
#include <stdlib.h>

#include "mem.h"
#include "str.h"
#include "tls_summary.h"

#define MAX_DETAILS 1000 /* different failures told of one policy */

static json_t *
object_in(json_t *parent, const char *key)
{
	json_t *o = json_object_get(parent, key);
	if (o)
		return o;
	o = json_object();
	json_object_set_new(parent, key, o);
	return o;
}

static void
count(json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));
	json_object_set_new(object, key, json_integer(n + 1));
}

static void
copy(json_t *to, const char *key, const json_t *from, const char *from_key)
{
	json_t *value = json_object_get(from, from_key);
	if (json_is_string(value))
		json_object_set(to, key, value);
}

/* Failures that differ in nothing but time are one. */
static void
add_failure(json_t *entry, const json_t *line)
{
	json_t *details = object_in(entry, "failures");
	json_t *detail = json_object();
	copy(detail, "result-type", line, "problem");
	copy(detail, "receiving-mx-hostname", line, "mx");
	copy(detail, "receiving-ip", line, "ip");
	copy(detail, "failure-reason-code", line, "detail");
	char *key = json_dumps(detail, JSON_COMPACT | JSON_SORT_KEYS);
	json_t *old = key ? json_object_get(details, key) : NULL;
	if (key && !old && json_object_size(details) < MAX_DETAILS)
		json_object_set(details, key, old = detail);
	if (old)
		count(old, "failed-session-count");
	json_decref(detail);
	free(key);
}

static void
add_line(struct tls_summary *s, const char *text)
{
	json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *domain = json_string_value(json_object_get(line, "domain"));
	json_t *policy = json_object_get(line, "policy");
	if (!domain || (policy && !json_is_object(policy))) {
		s->skipped++;
		json_decref(line);
		return;
	}
	char *key = policy ? json_dumps(policy, JSON_COMPACT | JSON_SORT_KEYS) : xstrdup("");
	json_t *entry = object_in(object_in(s->domains, domain), key ? key : "");
	bool failed = json_object_get(line, "problem") != NULL;
	if (policy)
		json_object_set(entry, "policy", policy);
	count(entry, failed ? "failed" : "successful");
	if (failed)
		add_failure(entry, line);
	free(key);
	json_decref(line);
}

int
tls_summary_read(struct tls_summary *s, const char *path)
{
	char *line = NULL;
	size_t cap = 0;
	FILE *f = fopen(path, "re");
	*s = (struct tls_summary){.domains = json_object()};
	if (!f)
		return -1;
	while (getline(&line, &cap, f) > 0)
		add_line(s, line);
	free(line);
	int rc = ferror(f) ? -1 : 0;
	(void)fclose(f);
	return rc;
}

void
tls_summary_release(struct tls_summary *s)
{
	json_decref(s->domains);
	*s = (struct tls_summary){0};
}

static json_t *
policy_of(const json_t *entry, const char *domain)
{
	json_t *policy = json_object_get(entry, "policy");
	return policy ? json_incref(policy)
		      : json_pack("{s:s,s:s}", "policy-type", "no-policy-found",
				"policy-domain", domain);
}

static json_t *
failures_of(const json_t *entry)
{
	json_t *list = json_array(), *detail;
	const char *key;
	json_object_foreach (json_object_get(entry, "failures"), key, detail) {
		json_array_append(list, detail);
	}
	return list;
}

json_t *
tls_summary_policies(const struct tls_summary *s, const char *domain)
{
	json_t *list = json_array(), *entry;
	const char *key;
	json_object_foreach (json_object_get(s->domains, domain), key, entry) {
		json_t *one = json_object(), *sum = json_object();
		json_int_t good = json_integer_value(json_object_get(entry, "successful"));
		json_int_t bad = json_integer_value(json_object_get(entry, "failed"));
		json_object_set_new(sum, "total-successful-session-count", json_integer(good));
		json_object_set_new(sum, "total-failure-session-count", json_integer(bad));
		json_object_set_new(one, "policy", policy_of(entry, domain));
		json_object_set_new(one, "summary", sum);
		if (bad)
			json_object_set_new(one, "failure-details", failures_of(entry));
		json_array_append_new(list, one);
	}
	return list;
}
