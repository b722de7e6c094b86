#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <sysexits.h>

#include "log.h"
#include "mem.h"
#include "regex.h"

#define JIT_STACK_MIN (32u << 10)
#define JIT_STACK_MAX (512u << 10)
#define HEAP_MAX_KIB 4096

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	bool complained;
};

/* One for all: a match is done before the next begins. */
static pcre2_match_context *
limits(void)
{
	static pcre2_match_context *context;
	if (context)
		return context;
	context = pcre2_match_context_create(NULL);
	if (!context)
		log_die(EX_TEMPFAIL, "out of memory");
	pcre2_set_match_limit(context, REGEX_MATCH_STEPS);
	pcre2_set_depth_limit(context, REGEX_MATCH_DEPTH);
	pcre2_set_heap_limit(context, HEAP_MAX_KIB);
	pcre2_jit_stack_assign(
		context, NULL, pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL));
	return context;
}

struct regex *
regex_new(struct str pattern, bool folded, struct buf *why)
{
	uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
			 PCRE2_DOLLAR_ENDONLY | (folded ? PCRE2_CASELESS : 0);
	int error;
	PCRE2_SIZE at;
	PCRE2_UCHAR text[128];
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, flags, &error, &at, NULL);
	if (!code) {
		pcre2_get_error_message(error, text, sizeof(text));
		buf_addf(why, "%s at octet %zu", (const char *)text, (size_t)at);
		return NULL;
	}
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it, it is slower */
	struct regex *r = xcalloc(1, sizeof(*r));
	r->code = code;
	r->data = pcre2_match_data_create_from_pattern(code, NULL);
	if (!r->data)
		log_die(EX_TEMPFAIL, "out of memory");
	return r;
}

void
regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

static enum regex_result
match(struct regex *r, struct str text, size_t start)
{
	int rc = pcre2_match(r->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, start, 0,
		r->data, limits());
	return rc >= 0 ? REGEX_YES : rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_TOO_HARD;
}

enum regex_result
regex_match(struct regex *r, struct str text)
{
	return match(r, text, 0);
}

enum regex_result
regex_find(struct regex *r, struct str text, size_t start, size_t *from, size_t *to)
{
	enum regex_result result = match(r, text, start);
	if (result != REGEX_YES)
		return result;
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r->data);
	*from = ends[0];
	*to = ends[1] < ends[0] ? ends[0] : ends[1]; /* \K may turn them round */
	return REGEX_YES;
}

bool
regex_complain(struct regex *r)
{
	bool first = !r->complained;
	r->complained = true;
	return first;
}
