#include "safe_name.h"
#include "utf8.h"

#define ENDING_MAX 20

static struct str
ending_for(struct str type)
{
	static const struct {
		const char *type, *ending;
	} list[] = {
		{"message/rfc822", ".eml"},
		{"message/global", ".eml"},
		{"message/news", ".eml"},
		{"text/plain", ".txt"},
		{"text/html", ".html"},
		{"text/calendar", ".ics"},
		{"text/csv", ".csv"},
		{"text/vcard", ".vcf"},
		{"image/png", ".png"},
		{"image/jpeg", ".jpg"},
		{"image/gif", ".gif"},
		{"application/pdf", ".pdf"},
		{"application/zip", ".zip"},
		{"application/xml", ".xml"},
		{"application/json", ".json"},
	};
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_ieq(type, str_of(list[i].type)))
			return str_of(list[i].ending);
	return STR(".bin");
}

/* The last dot and what follows it; empty where that is no ending. */
static struct str
ending_of(struct str name)
{
	const char *dot = name.n ? memrchr(name.p, '.', name.n) : NULL;
	size_t at = dot ? (size_t)(dot - name.p) : 0;
	if (at == 0 || name.n - at > ENDING_MAX)
		return str_n(name.p + name.n, 0);
	return str_skip(name, at);
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: "exe.gpj" must not look like
 * "jpg.exe". */
static bool
turns_text(struct str character)
{
	if (character.n != 3 || !str_starts(character, STR("\xe2")))
		return false;
	unsigned char second = (unsigned char)character.p[1];
	unsigned char third = (unsigned char)character.p[2];
	if (second == 0x80)
		return third == 0x8e || third == 0x8f || (third >= 0xaa && third <= 0xae);
	return second == 0x81 && third >= 0xa6 && third <= 0xa9;
}

static void
add_safe(struct buf *out, struct str name)
{
	while (name.n) {
		size_t n = utf8_length(name);
		struct str character = str_n(name.p, n ? n : 1);
		bool good = n && utf8_text_length(character) == n && !turns_text(character) &&
			    character.p[0] != '/' && character.p[0] != '\\';
		buf_adds(out, good ? character : STR("_"));
		name = str_skip(name, character.n);
	}
}

static struct str
trimmed(struct str s)
{
	while (s.n && strchr(". -~", s.p[0]))
		s = str_skip(s, 1);
	while (s.n && strchr(". ", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* At most `max` octets of s, whole characters. */
static struct str
fitting(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return str_n(s.p, max);
}

void
safe_name(struct buf *out, struct str name, struct str type, unsigned number)
{
	struct buf safe = {0};
	buf_reset(out);
	add_safe(&safe, name);
	struct str s = trimmed(buf_str(&safe)), ending = ending_of(s);
	if (s.n == 0) {
		buf_addf(out, "attachment-%u", number);
		buf_adds(out, ending_for(type));
	} else {
		s.n -= ending.n;
		buf_adds(out, fitting(s, SAFE_NAME_MAX - ending.n));
		buf_adds(out, ending);
	}
	buf_release(&safe);
}

void
safe_name_numbered(struct buf *out, struct str name, unsigned n)
{
	struct str ending = ending_of(name);
	buf_reset(out);
	buf_adds(out, str_n(name.p, name.n - ending.n));
	buf_addf(out, "-%u", n);
	buf_adds(out, ending);
}
