#include "dsn_param.h"

#include "utf8.h"
#include "xtext.h"

/* Only what is printable when decoded will do: it goes into the header of a report. */
static bool
printable_char(struct str s, size_t *used)
{
	unsigned char octet;
	return xtext_char(s, &octet, used) && octet >= ' ' && octet < 0x7f;
}

/* How many characters it stands for; 0 when it is empty or no xtext. */
static size_t
xtext_length(struct str s)
{
	size_t length = 0, used;
	for (; s.n; s = str_skip(s, used), length++)
		if (!printable_char(s, &used))
			return 0;
	return length;
}

/* RFC 6533 section 3: with SMTPUTF8, characters above 127 stand for themselves. */
static bool
unitext_fine(struct str s)
{
	size_t used;
	if (!s.n)
		return false;
	for (; s.n; s = str_skip(s, used)) {
		if ((unsigned char)s.p[0] < 0x80) {
			if (!printable_char(s, &used))
				return false;
		} else {
			used = utf8_length(s);
			if (!used || utf8_is_c1(s))
				return false;
		}
	}
	return true;
}

static bool
atom_fine(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c <= ' ' || c >= 0x7f || strchr("()<>@,;:\\\".[]", c))
			return false;
	}
	return s.n > 0;
}

static bool
orcpt_fine(struct str value, bool utf8)
{
	struct str rest = value, type = str_cut(&rest, ';');
	if (value.n > DSN_ORCPT_MAX || !atom_fine(type))
		return false;
	if (utf8 && str_ieq(type, STR("utf-8")))
		return unitext_fine(rest);
	return xtext_length(rest) > 0;
}

static bool
notify_fine(struct str list)
{
	bool fine = list.n > 0;
	if (str_ieq(list, STR("NEVER")))
		return true;
	while (fine && list.p) {
		struct str when = str_cut(&list, ',');
		fine = str_ieq(when, STR("SUCCESS")) || str_ieq(when, STR("FAILURE")) ||
		       str_ieq(when, STR("DELAY"));
	}
	return fine;
}

bool
dsn_mail_param(struct str keyword, struct str value, const char **wrong)
{
	*wrong = NULL;
	if (str_ieq(keyword, STR("RET"))) {
		if (!str_ieq(value, STR("FULL")) && !str_ieq(value, STR("HDRS")))
			*wrong = "501 5.5.4 expected RET=FULL or RET=HDRS";
	} else if (str_ieq(keyword, STR("ENVID"))) {
		size_t length = xtext_length(value);
		if (length == 0 || length > DSN_ENVID_MAX)
			*wrong = "501 5.5.4 expected ENVID=xtext of 1 to 100 characters";
	} else {
		return false;
	}
	return true;
}

bool
dsn_rcpt_param(struct str keyword, struct str value, bool utf8, const char **wrong)
{
	*wrong = NULL;
	if (str_ieq(keyword, STR("NOTIFY"))) {
		if (!notify_fine(value))
			*wrong = "501 5.5.4 expected NOTIFY=NEVER or some of "
				 "SUCCESS,FAILURE,DELAY";
	} else if (str_ieq(keyword, STR("ORCPT"))) {
		if (!orcpt_fine(value, utf8))
			*wrong = "501 5.5.4 expected ORCPT=type;xtext such as "
				 "ORCPT=rfc822;bob@example.org";
	} else {
		return false;
	}
	return true;
}
