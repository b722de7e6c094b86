#include <string.h>

#include "condition_compile.h"

static void
add_evaluated(struct buf *b, const json_t *evaluate)
{
	const json_t *analysis = json_object_get(evaluate, "Analysis"),
		     *in_list = json_object_get(evaluate, "IsInAddressList");
	const char *key;
	json_t *value;
	if (analysis) {
		buf_addf(b, "%s %s", json_string_value(json_object_get(analysis, "Analyzer")),
			json_string_value(json_object_get(analysis, "ResultField")));
	} else if (in_list) {
		struct str list =
			json_text(json_array_get(json_object_get(in_list, "AddressLists"), 0));
		buf_addf(b, "%s in %.*s",
			json_string_value(json_object_get(in_list, "Attribute")),
			STR_ARG(list));
	} else {
		json_object_foreach ((json_t *)evaluate, key, value)
			buf_adds(b, json_text(value));
	}
}

static void
add_value(struct buf *b, const json_t *value)
{
	if (json_is_string(value))
		buf_adds(b, json_text(value));
	else
		buf_addf(b, "%.15g", json_number_value(value));
}

char *
condition_make_text(const char *kind, const json_t *x)
{
	struct buf b = {0};
	const json_t *evaluate = json_object_get(x, "Evaluate"),
		     *list = json_object_get(x, "Values"), *value = json_object_get(x, "Value");
	if (evaluate)
		add_evaluated(&b, evaluate);
	else
		buf_addstr(&b, strcmp(kind, "DmarcExpression") == 0 ? "DMARC" : kind);
	buf_addf(&b, " %s", json_string_value(json_object_get(x, "Operator")));
	for (size_t i = 0; i < json_array_size(list); i++) {
		buf_addstr(&b, i == 0 ? " " : ", ");
		add_value(&b, json_array_get(list, i));
	}
	if (value) {
		buf_addc(&b, ' ');
		add_value(&b, value);
	}
	char *text = str_dup(buf_str(&b));
	buf_release(&b);
	return text;
}
