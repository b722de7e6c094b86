#include <jansson.h>

#include "json.h"
#include "mem.h"
#include "num.h"
#include "sasl.h"
#include "token_answer.h"
#include "wipe.h"

#define MAX_REFRESH_TOKEN 8192

void
token_error_text(char out[TOKEN_ERROR_MAX + 1], const char *error)
{
	size_t n = strnlen(error, TOKEN_ERROR_MAX);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(error[i] < ' ' || error[i] > '~' ? '?' : error[i]);
	out[n] = '\0';
}

static int
fail(struct token_answer *a, const char *why)
{
	a->error = xstrdup(why);
	return -1;
}

/* The parser would go deeper. */
static bool
too_deep(struct str s)
{
	int depth = 0;
	bool string = false;
	for (size_t i = 0; i < s.n; i++) {
		if (string && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			string = !string;
		else if (string)
			continue;
		else if (s.p[i] == '{' || s.p[i] == '[')
			depth++;
		else if (s.p[i] == '}' || s.p[i] == ']')
			depth--;
		if (depth > TOKEN_ANSWER_DEPTH)
			return true;
	}
	return false;
}

/* Section 5.2; many say no more than a status. */
static int
fail_by_error(struct token_answer *a, const json_t *root, long status)
{
	struct buf text = {0};
	const json_t *other = json_object_get(root, "error"); /* as Google's APIs have it */
	struct str error = json_str(root, "error");
	struct str description = json_is_object(other) ? json_str(other, "message")
						       : json_str(root, "error_description");
	buf_addf(&text, "the token endpoint answers %ld", status);
	if (error.p || description.p)
		buf_addstr(&text, ":");
	if (error.p)
		buf_addf(&text, " %.*s", STR_ARG(error));
	if (description.p)
		buf_addf(&text, "%s%.*s", error.p ? ": " : " ", STR_ARG(description));
	a->error = str_dup(buf_str(&text));
	buf_release(&text);
	return -1;
}

/* A number of seconds; some say it as a string.  Section 5.1 makes it optional, so that what
 * cannot be read counts as not said. */
static int64_t
read_lifetime(const json_t *value)
{
	uint64_t n = 0;
	double number = json_number_value(value);
	if (json_is_string(value))
		(void)num_u64(json_text(value), 1, INT64_MAX, &n);
	else if (number >= 1)
		n = number < TOKEN_LIFETIME_MAX ? (uint64_t)number : TOKEN_LIFETIME_MAX;
	return n == 0                   ? TOKEN_LIFETIME_UNSAID
	       : n < TOKEN_LIFETIME_MAX ? (int64_t)n
					: TOKEN_LIFETIME_MAX;
}

static bool
refresh_token_fine(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.n <= MAX_REFRESH_TOKEN;
}

static int
read_root(struct token_answer *a, const json_t *root)
{
	struct str token = json_str(root, "access_token"),
		   fresh = json_str(root, "refresh_token");
	if (!token.p)
		return fail(a, "the token endpoint's answer has no access_token");
	if (!sasl_token_fine(token))
		return fail(a, "the token endpoint's access_token is no bearer token");
	if (!str_ieq(json_str(root, "token_type"), STR("Bearer")))
		return fail(a, "the token endpoint's token_type is not Bearer");
	if (fresh.p && !refresh_token_fine(fresh))
		return fail(a, "the token endpoint's refresh_token is none");
	a->lifetime_s = read_lifetime(json_object_get(root, "expires_in"));
	a->access_token = str_dup(token);
	a->refresh_token = fresh.p ? str_dup(fresh) : NULL;
	return 0;
}

static void
wipe(const json_t *root, const char *key)
{
	struct str text = json_str(root, key);
	if (text.n)
		explicit_bzero((char *)text.p, text.n);
}

int
token_answer_read(struct token_answer *a, long status, struct str body)
{
	*a = (struct token_answer){0};
	bool fine = body.n <= TOKEN_ANSWER_MAX && !too_deep(body);
	json_t *root = fine ? json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
	int rc;
	if (status != 200)
		rc = fail_by_error(a, root, status);
	else if (!json_is_object(root))
		rc = fail(a, "the token endpoint's answer is not a JSON object");
	else
		rc = read_root(a, root);
	wipe(root, "access_token");
	wipe(root, "refresh_token");
	json_decref(root);
	return rc;
}

void
token_answer_release(struct token_answer *a)
{
	wipe_str(a->access_token);
	wipe_str(a->refresh_token);
	wipe_str(a->error);
	*a = (struct token_answer){0};
}
