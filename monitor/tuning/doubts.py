"""What keeps the figures of a tuning from telling much."""

from detectors.alerts import Text
from monitor.tuning.scores import Tried

_FEWEST_TO_LEARN, _FEWEST_TO_JUDGE = 30, 15


def doubts(present: Tried, chosen: Tried, budget: float) -> list[Text]:
    """What a reader of the figures must bear in mind."""
    found = []
    learned, judged = present.learned.truths, present.judged.truths
    if learned < _FEWEST_TO_LEARN or judged < _FEWEST_TO_JUDGE:
        found.append(
            Text(
                f"标注太少:学习段{learned}条,检验段{judged}条;各设置之间的差别可能只是偶然。",
                f"Too few labels to tell: {learned} to learn from, {judged} to judge by; differences may be chance.",
            )
        )
    if chosen.learned.workload > budget:
        found.append(
            Text(
                f"没有设置能把工作量控制在每千户月{budget:g}条以内;选取工作量最小的。",
                f"No setting keeps within {budget:g} alerts per 1,000 household-months; this one makes the least work.",
            )
        )
    interval = present.judged.recall_interval
    recall = chosen.judged.recall
    if chosen is not present and interval is not None and recall is not None and interval[0] <= recall <= interval[1]:
        found.append(
            Text(
                "检验段中,建议设置的召回率落在现行设置的95%区间内,未见显著差别。",
                "In the last part the chosen setting's recall lies within the present one's interval of 95 %.",
            )
        )
    return found
