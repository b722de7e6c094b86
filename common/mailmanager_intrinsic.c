#include <string.h>

#include "json.h"
#include "mailmanager_intrinsic.h"

/* Accounts and regions mean nothing here; what stands for them has their form. */
static struct str
pseudo(struct str name)
{
	static const char *const words[][2] = {{"AWS::AccountId", "000000000000"},
		{"AWS::Region", "us-east-1"}, {"AWS::Partition", "aws"},
		{"AWS::StackName", "stack"}};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq(name, str_of(words[i][0])))
			return str_of(words[i][1]);
	return STR_NONE;
}

/* The member of Properties that ends in "Name", else the label. */
static struct str
resource_name(const json_t *resource, struct str label)
{
	const char *key;
	json_t *value;
	json_object_foreach (json_object_get(resource, "Properties"), key, value)
		if (str_ends(str_of(key), STR("Name")) && json_is_string(value))
			return json_text(value);
	return label;
}

static const json_t *
named(const json_t *root, const char *folder, struct str name)
{
	return json_object_getn(json_object_get(root, folder), name.p ? name.p : "", name.n);
}

static struct str
meaning(const json_t *root, struct str name)
{
	struct str word = pseudo(name),
		   otherwise = json_str(named(root, "Parameters", name), "Default");
	if (word.p)
		return word;
	return otherwise.p ? otherwise : resource_name(named(root, "Resources", name), name);
}

/* "arn:${AWS::Partition}:...", "${Relay.RelayId}" */
static json_t *
substituted(const json_t *root, struct str text)
{
	struct buf out = {0};
	while (text.n) {
		const char *at = memmem(text.p, text.n, "${", 2);
		const char *end = at ? memchr(at, '}', (size_t)(text.p + text.n - at)) : NULL;
		if (!end)
			break;
		struct str name = str_n(at + 2, (size_t)(end - at - 2)), attribute = name;
		buf_adds(&out, str_n(text.p, (size_t)(at - text.p)));
		buf_adds(&out, meaning(root, str_cut(&attribute, '.')));
		text = str_skip(text, (size_t)(end + 1 - text.p));
	}
	buf_adds(&out, text);
	json_t *j = json_stringn(out.n ? out.p : "", out.n);
	buf_release(&out);
	return j;
}

static json_t *
string(struct str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* NULL when it is none of them. */
static json_t *
call(const json_t *object, const json_t *root)
{
	struct str ref = json_str(object, "Ref"), sub = json_str(object, "Fn::Sub"),
		   get = json_str(object, "Fn::GetAtt");
	const json_t *list = json_object_get(object, "Fn::GetAtt");
	if (json_object_size(object) != 1)
		return NULL;
	if (ref.p)
		return string(meaning(root, ref));
	if (sub.p)
		return substituted(root, sub);
	if (get.p)
		return string(meaning(root, str_cut(&get, '.')));
	if (json_is_string(json_array_get(list, 0)))
		return string(meaning(root, json_text(json_array_get(list, 0))));
	return NULL;
}

json_t *
intrinsics_replaced(const json_t *v, const json_t *root)
{
	const char *key;
	json_t *value, *out;
	if (json_is_array(v)) {
		out = json_array();
		for (size_t i = 0; i < json_array_size(v); i++)
			json_array_append_new(
				out, intrinsics_replaced(json_array_get(v, i), root));
		return out;
	}
	if (!json_is_object(v))
		return json_deep_copy(v);
	if ((out = call(v, root)))
		return out;
	out = json_object();
	json_object_foreach ((json_t *)v, key, value)
		json_object_set_new(out, key, intrinsics_replaced(value, root));
	return out;
}
