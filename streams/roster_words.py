"""The words of a roster, English and Chinese: headers, relations, programmes, hardship categories."""

from collections.abc import Mapping
from types import MappingProxyType


def _by_word(meanings: Mapping[str, str]) -> Mapping[str, str]:
    """Each word, the English one included, to what it means."""
    return MappingProxyType(
        {word: meaning for meaning, words in meanings.items() for word in (meaning, *words.split())}
    )


HOUSEHOLD_FIELDS = _by_word(
    {
        "household_id": "家庭编号 户编号 家庭ID 户号 家庭编码",
        "region": "行政区划 行政区划代码 区划代码 所属区划 所属行政区划",
        "as_of": "截至日期 生效日期 数据日期 统计日期",
        "programs": "救助项目 救助类型 享受项目 享受救助 保障项目",
        "categories": "困难类别 困难类型 困难分类",
        "declared_monthly_income": "申报月收入 月收入 家庭月收入 家庭申报月收入 household_declared_monthly_income",
        "declared_vehicles": "申报车辆 车辆数 申报车辆数",
        "declared_properties": "申报房产 房产数 申报房产数 住房套数",
        "consent_until": "授权截止日期 授权有效期 授权有效期至 核对授权截止日期",
        "members": "家庭成员 成员",
    }
)
"""A household's fields, by each of their headers."""

MEMBER_FIELDS = _by_word(
    {
        "id_number": "身份证号 身份证号码 公民身份号码 证件号码 成员身份证号",
        "name": "姓名 成员姓名",
        "relation": "与户主关系 与户主的关系 关系 家庭关系",
        "co_resident": "是否共同生活 共同生活 是否共同居住 共同居住",
        "disability_grade": "残疾等级",
        "student": "是否在校学生 在校学生 是否学生 是否在校",
        "member_declared_monthly_income": "本人月收入 个人月收入 成员月收入 本人申报月收入 个人申报月收入",
        "member_categories": "本人困难类别 个人困难类别 成员困难类别",
    }
)
"""A member's fields in a table, by each of their headers."""

RELATIONS = _by_word(
    {
        "head": "户主 本人 本人或户主",
        "spouse": "配偶 夫 妻 丈夫 妻子",
        "child": "子 女 子女 儿子 女儿 长子 次子 三子 四子 五子 长女 次女 三女 四女 五女 "
        "独生子 独生女 养子 养女 继子 继女",
        "parent": "父 母 父亲 母亲 父母 养父 养母 继父 继母",
        "sibling": "兄 弟 姐 妹 姊 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹 兄弟姐妹",
        "grandparent": "祖父 祖母 外祖父 外祖母 爷爷 奶奶 外公 外婆 姥爷 姥姥 祖父母 外祖父母",
        "grandchild": "孙子 孙女 外孙 外孙子 外孙女 孙子女 外孙子女 孙",
        "other": "其他 其它 其他亲属 其他关系 非亲属 儿媳 女婿 岳父 岳母 公公 婆婆 侄子 侄女",
    }
)
PROGRAMS = _by_word(
    {
        "dibao": "低保 最低生活保障 城市低保 农村低保 城乡低保",
        "tekun": "特困 特困供养 五保 特困人员 特困人员供养",
        "temporary": "临时救助",
        "medical": "医疗救助",
        "education": "教育救助",
        "housing": "住房救助",
        "low_income": "低收入 低收入家庭 低保边缘 低保边缘家庭",
        "expense_poor": "支出型困难 支出型困难家庭 支出型",
    }
)
CATEGORIES = _by_word(
    {
        "party_member": "困难党员",
        "worker": "困难职工",
        "tekun": "特困 特困供养 五保",
        "dibao": "低保 最低生活保障",
        "expense_poor": "支出型困难",
        "low_income": "低收入 低保边缘",
        "medical": "医疗困难 医疗 因病",
        "education": "教育困难 教育 因学",
        "housing": "住房困难 住房",
        "employment": "就业困难 就业 失业",
        "accident": "意外事故 意外 突发事故",
        "multiple": "多重困难 多重",
    }
)
FLAGS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(["true", "1", "yes", "y", "是", "有"], True)
    | dict.fromkeys(["false", "0", "no", "n", "否", "无"], False)
)
GRADES: Mapping[str, int] = MappingProxyType(
    {word: grade for grade, words in enumerate(("无", "1 一", "2 二", "3 三", "4 四")) for word in words.split()}
)
"""Grades of disability as a roster writes them, with 级 or without; 0 is none."""
