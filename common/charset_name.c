#include <stdio.h>
#include <stdlib.h>

#include "charset_name.h"

struct alias {
	const char *label, *name;
};

/* Labels without '-', '_' and "x-" before, in lower case; sorted for bsearch. */
static const struct alias aliases[] = {
	{"5601", "CP949"},
	{"646", ""},
	{"8bit", ""},
	{"ansix3.41968", ""},
	{"ascii", ""},
	{"big5", "BIG5-HKSCS"},
	{"big5hkscs", "BIG5-HKSCS"},
	{"binary", ""},
	{"chinesebig5", "BIG5-HKSCS"},
	{"cp1252", "CP1252"},
	{"cp65001", ""},
	{"cp936", "GB18030"},
	{"csgb2312", "GB18030"},
	{"csksc56011987", "CP949"},
	{"csshiftjis", "CP932"},
	{"default", ""},
	{"euccn", "GB18030"},
	{"euckr", "CP949"},
	{"gb18030", "GB18030"},
	{"gb2312", "GB18030"},
	{"gb231280", "GB18030"},
	{"gbk", "GB18030"},
	{"iso88591", "CP1252"},
	{"iso885911", "CP874"},
	{"iso88596e", "ISO-8859-6"},
	{"iso88596i", "ISO-8859-6"},
	{"iso88598e", "ISO-8859-8"},
	{"iso88598i", "ISO-8859-8"},
	{"iso88599", "CP1254"},
	{"korean", "CP949"},
	{"ksc5601", "CP949"},
	{"ksc56011987", "CP949"},
	{"ksc56011989", "CP949"},
	{"l1", "CP1252"},
	{"latin1", "CP1252"},
	{"logical", "ISO-8859-8"},
	{"maccyrillic", "MAC-CYRILLIC"},
	{"macroman", "MACINTOSH"},
	{"ms949", "CP949"},
	{"mskanji", "CP932"},
	{"none", ""},
	{"shiftjis", "CP932"},
	{"sjis", "CP932"},
	{"tis620", "CP874"},
	{"unicode11utf7", "UTF-7"},
	{"unicode11utf8", ""},
	{"unicode20utf7", "UTF-7"},
	{"unicode20utf8", ""},
	{"unknown", ""},
	{"unknown8bit", ""},
	{"us", ""},
	{"usascii", ""},
	{"userdefined", ""},
	{"utf", ""},
	{"utf16", "UTF-16"},
	{"utf7", "UTF-7"},
	{"utf8", ""},
	{"utf8mb4", ""},
	{"visual", "ISO-8859-8"},
	{"windows31j", "CP932"},
	{"windows949", "CP949"},
};

static int
compare(const void *key, const void *element)
{
	return strcmp(key, ((const struct alias *)element)->label);
}

static void
squeeze(struct str label, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] != '-' && label.p[i] != '_' && label.p[i] != ' ')
			out[n++] = ascii_lower(label.p[i]);
	out[n] = '\0';
}

static bool
all_digits(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

/* "iso88592", "windows1251", "win1251", "cp850", "ibm850" */
static bool
numbered(const char *squeezed, char *out)
{
	static const struct alias families[] = {{"iso8859", "ISO-8859-%s"}, {"windows", "CP%s"},
		{"win", "CP%s"}, {"cp", "CP%s"}, {"ibm", "IBM%s"}};
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		size_t n = strlen(families[i].label);
		if (strncmp(squeezed, families[i].label, n) != 0 || !all_digits(squeezed + n))
			continue;
		snprintf(out, CHARSET_NAME_MAX, families[i].name, squeezed + n);
		return true;
	}
	return false;
}

void
charset_name(struct str label, char out[CHARSET_NAME_MAX])
{
	char squeezed[CHARSET_NAME_MAX];
	label = str_trim(label);
	while (label.n && strchr("\"'", label.p[0]))
		label = str_skip(label, 1);
	while (label.n && strchr("\"';", label.p[label.n - 1]))
		label.n--;
	if (label.n >= CHARSET_NAME_MAX - 10)
		label.n = CHARSET_NAME_MAX - 10;
	if (str_istarts(label, STR("x-")))
		label = str_skip(label, 2);
	squeeze(label, squeezed);
	const struct alias *a = bsearch(squeezed, aliases, sizeof(aliases) / sizeof(aliases[0]),
		sizeof(aliases[0]), compare);
	if (a)
		snprintf(out, CHARSET_NAME_MAX, "%s", a->name);
	else if (!numbered(squeezed, out))
		(void)str_copy(label, out, CHARSET_NAME_MAX);
}
