/* Key files, keys.json and the encryption of tar files: what is not as it was made is
 * refused. */
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_cipher.h"
#include "io.h"
#include "tap.h"

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void
put(const char *path, const char *text)
{
	(void)io_write_file(path, text, strlen(text), 0600);
}

static void
test_key_file(void)
{
	static const char hex[] =
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	static const char *const bad[] = {"", "00", "not a key", "AAEC", "\n\n",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00"};
	struct file_key a, b;
	bool made;
	ok(file_key_parse(&a, str_of(hex)) == 0 && a.octets[31] == 31, "hexadecimal");
	ok(file_key_parse(&b, STR("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")) == 0 &&
			memcmp(&a, &b, sizeof(a)) == 0,
		"base64");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(file_key_parse(&a, str_of(bad[i])) < 0, "refused: key %zu", i);
	ok(file_key_make(&a, "key", &made) == 0 && made, "made");
	ok(file_key_make(&b, "key", &made) == 0 && !made && memcmp(&a, &b, sizeof(a)) == 0,
		"once");
	chmod("key", 0640);
	ok(file_key_read(&b, "key") < 0, "not when others can read it");
	chmod("key", 0600);
	ok(file_key_read(&b, "nowhere") < 0, "not when it is not there");
}

static void
test_document(void)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"Version\": 1, \"DataKeys\": []}",
		"{\"Version\": 2, \"DataKeys\": [{}]}",
		"{\"Version\": 1, \"DataKeys\": [{\"Id\": \"0000000g\"}]}"};
	struct problems ps = {0};
	struct data_keys k = {0}, back;
	struct file_key by, other;
	struct data_key key, same;
	struct buf text = {0};
	bool made;
	file_key_read(&by, "key");
	file_key_make(&other, "other", &made);
	ok(data_keys_add(&k, &by, 0) == 0 && data_keys_add(&k, &by, 1000) == 0 && k.n == 2,
		"two keys");
	data_keys_format(&k, &text);
	ok(data_keys_parse(&back, "keys.json", buf_str(&text), &ps) == 0 && back.n == 2 &&
			memcmp(back.list, k.list, 2 * sizeof(*k.list)) == 0,
		"written and read");
	data_keys_release(&back);
	ok(data_key_unwrap(&k.list[0], &by, &key) == 0, "unwrapped");
	ok(data_key_unwrap(&k.list[0], &other, &same) < 0, "not by another key");
	struct wrapped_key w = k.list[0];
	w.id[0] ^= 1;
	ok(data_key_unwrap(&w, &by, &same) < 0, "not under another id");
	ok(data_key_wrap(&key, &other, &w) == 0 && data_key_unwrap(&w, &other, &same) == 0 &&
			memcmp(&key, &same, sizeof(key)) == 0,
		"wrapped anew it is the same");
	k.list[1] = k.list[0];
	buf_reset(&text);
	data_keys_format(&k, &text);
	ok(data_keys_parse(&back, "keys.json", buf_str(&text), &ps) < 0,
		"refused: one id twice");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(data_keys_parse(&back, "keys.json", str_of(bad[i]), &ps) < 0,
			"refused: keys.json %zu", i);
	problems_release(&ps);
	buf_release(&text);
	data_keys_release(&k);
}

/* keys.json with one more key than it has. */
static void
add_to_document(void)
{
	struct problems ps = {0};
	struct data_keys k = {0};
	struct file_key by;
	struct buf text = {0};
	file_key_read(&by, "key");
	if (data_keys_load(&k, ARCHIVE_KEYS, &ps) < 0)
		problems_release(&ps);
	data_keys_add(&k, &by, 0);
	data_keys_format(&k, &text);
	(void)io_write_file(ARCHIVE_KEYS, text.p, text.n, 0600);
	buf_release(&text);
	data_keys_release(&k);
}

static struct archive_cipher *
file_of(const struct archive_keys *keys, const char *path)
{
	unsigned char header[ARCHIVE_CIPHER_HEADER];
	struct archive_cipher *c = archive_cipher_new(keys, header);
	(void)io_write_file(path, header, sizeof(header), 0600);
	return c;
}

static struct archive_cipher *
open_file(const struct archive_keys *keys, const char *path)
{
	struct buf b = {0};
	(void)io_read_file(path, &b, 100);
	FILE *f = fopen(path, "r");
	struct archive_cipher *c = archive_cipher_open(keys, fileno(f), path);
	fclose(f);
	buf_release(&b);
	return c;
}

static void
test_frames(const struct archive_keys *keys)
{
	struct archive_cipher *a = file_of(keys, "a"), *b = file_of(keys, "b");
	struct archive_cipher *again = open_file(keys, "a");
	struct str frame = STR("a frame"), back;
	unsigned char bad[100];
	int passed = 0;
	ok(archive_cipher_seal(a, 64, &frame) == 0 && frame.n == 7 + 32, "sealed");
	memcpy(bad, frame.p, frame.n);
	back = frame;
	ok(archive_cipher_unseal(again, 64, &back) == 0 && str_eq(back, STR("a frame")),
		"and read by who opens the file");
	back = frame;
	ok(archive_cipher_unseal(again, 65, &back) < 0, "not at another offset");
	back = frame;
	ok(archive_cipher_unseal(b, 64, &back) < 0, "not in another file");
	for (size_t i = 0; i < frame.n * 8; i++) {
		bad[i / 8] ^= (unsigned char)(1 << i % 8);
		back = str_n((char *)bad, frame.n);
		passed += archive_cipher_unseal(again, 64, &back) == 0;
		bad[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	is_int(passed, 0, "nor with any bit changed");
	for (size_t n = 0; n < frame.n; n++)
		passed += archive_cipher_frame(again, str_n((char *)bad, n)) != 0;
	is_int(passed, 0, "a torn frame is none");
	archive_cipher_free(a);
	archive_cipher_free(b);
	archive_cipher_free(again);
}

/* Among other octets the place of a frame is found. */
static void
test_look(const struct archive_keys *keys)
{
	struct archive_cipher *c = file_of(keys, "look");
	struct str frame = STR("\x28\xb5\x2f\xfd and more"), none = STR("no frame, a fish");
	struct buf b = {0};
	buf_add(&b, "\0\0\0\6 torn", 9);
	buf_add(&b, frame.p, frame.n);
	is_int((long long)archive_cipher_look(NULL, buf_str(&b), 0), 9, "a plain one");
	is_int((long long)archive_cipher_look(NULL, buf_str(&b), 10), (long long)b.n,
		"no other");
	is_int((long long)archive_cipher_look(NULL, STR_NONE, 0), 0, "in nothing");
	b.n = 9;
	ok(archive_cipher_seal(c, 73, &frame) == 0, "sealed");
	buf_add(&b, frame.p, frame.n);
	is_int((long long)archive_cipher_look(c, buf_str(&b), 0), 9, "an encrypted one");
	is_int((long long)archive_cipher_look(c, buf_str(&b), 10), (long long)b.n, "no other");
	ok(archive_cipher_seal(c, 64, &none) == 0, "sealed");
	is_int((long long)archive_cipher_look(c, none, 0), (long long)none.n, "no zstd frame");
	buf_release(&b);
	archive_cipher_free(c);
}

static void
test_headers(const struct archive_keys *keys)
{
	struct buf h = {0};
	int passed = 0;
	(void)io_read_file("a", &h, 100);
	for (size_t i = 0; i < h.n * 8; i++) {
		h.p[i / 8] = (char)(h.p[i / 8] ^ 1 << i % 8);
		(void)io_replace_file("c", h.p, h.n, 0600);
		passed += open_file(keys, "c") != NULL;
		h.p[i / 8] = (char)(h.p[i / 8] ^ 1 << i % 8);
	}
	is_int(passed, 0, "a header with any bit changed is refused");
	put("c", "short");
	ok(!open_file(keys, "c"), "and a short one");
	buf_release(&h);
}

int
main(void)
{
	char dir[] = "/tmp/mm-cipher.XXXXXX";
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	test_key_file();
	test_document();
	add_to_document();
	struct archive_keys *keys = archive_keys_open(".", "key");
	struct archive_keys *before = archive_keys_open(".", "key");
	ok(keys && before, "keys.json is read");
	ok(!archive_keys_open(".", "other"), "not with another key file");
	test_frames(keys);
	test_look(keys);
	test_headers(keys);
	add_to_document();
	archive_keys_free(keys);
	keys = archive_keys_open(".", "key");
	archive_cipher_free(file_of(keys, "d"));
	struct archive_cipher *c = open_file(before, "d");
	ok(c != NULL, "a key made since is found in keys.json");
	archive_cipher_free(c);
	archive_keys_free(keys);
	archive_keys_free(before);
	if (chdir("/") == 0)
		(void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return done();
}
