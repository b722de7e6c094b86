#include "num.h"
#include "reply.h"

/* class "." subject "." detail: RFC 3463 section 2 */
static bool
is_enhanced_code(struct str s)
{
	uint64_t n;
	struct str class = str_cut(&s, '.'), subject = s.p ? str_cut(&s, '.') : STR_NONE;
	return class.n == 1 && (class.p[0] == '2' || class.p[0] == '4' || class.p[0] == '5') &&
	       num_u64(subject, 0, 999, &n) == 0 && s.p && num_u64(s, 0, 999, &n) == 0;
}

int
reply_parse(struct str s, struct reply *out)
{
	uint64_t code;
	if (s.n < 3 || num_u64(str_n(s.p, 3), 200, 599, &code) < 0)
		return -1;
	if (s.n > 3 && s.p[3] != ' ' && s.p[3] != '-')
		return -1;
	out->code = (int)code;
	out->text = str_trim(str_skip(s, 4));
	out->enhanced = STR("");
	struct str rest = out->text, word = str_word(&rest);
	if (is_enhanced_code(word)) {
		out->enhanced = word;
		out->text = str_trim(rest);
	}
	return 0;
}

enum status
reply_status(const struct reply *r)
{
	switch (r->code / 100) {
	case 2:
		return STATUS_OK;
	case 4:
		return STATUS_TEMPFAIL;
	case 5:
		return STATUS_PERMFAIL;
	default:
		return STATUS_NONE;
	}
}
