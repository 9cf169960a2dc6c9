// The words of dmn-js in Chinese, by its English ones; what is missing here is shown in English.
const CHINESE = {
  "Add input": "添加输入列", "Add output": "添加输出列", "Add rule": "添加行", "Add rule above": "在上方添加行",
  "Add rule below": "在下方添加行", "Add input column left": "在左侧添加输入列", "Add input column right": "在右侧添加输入列",
  "Add output column left": "在左侧添加输出列", "Add output column right": "在右侧添加输出列",
  "Add left": "在左侧添加", "Add right": "在右侧添加", "Add above": "在上方添加", "Add below": "在下方添加",
  "Add cell description": "添加单元格说明", "Remove cell description": "删除单元格说明",
  "Add Value": "添加值", "Add predefined values": "添加预定义值", "Predefined values": "预定义值",
  "Add cell description ": "添加单元格说明", "After": "晚于", "And": "且", "Annotation": "备注", "Annotations": "备注", "Before": "早于",
  "Between": "介于", "Change cell expression language": "更改单元格语言", "Collect": "汇总", "Comparison": "比较",
  "Comparison operator": "比较符", "Copy": "复制", "Copy rule": "复制行", "Copy input": "复制输入列", "Copy output": "复制输出列",
  "Cut": "剪切", "Cut rule": "剪切行", "Cut input": "剪切输入列", "Cut output": "剪切输出列", "Paste rule above": "粘贴到上方",
  "Paste rule below": "粘贴到下方", "Paste input column left": "粘贴到左侧", "Paste input column right": "粘贴到右侧",
  "Paste output column left": "粘贴到左侧", "Paste output column right": "粘贴到右侧",
  "Decision name": "决策名称", "Decision name: ": "决策名称：", "Delete": "删除", "Delete value": "删除该值", "Duration value": "时长",
  "Edit date": "编辑日期", "Edit date and time": "编辑日期和时间", "Edit duration": "编辑时长", "Edit number": "编辑数字",
  "Edit string": "编辑文字", "Edit boolean": "编辑是否", "Edit time": "编辑时间", "Edit input expression": "编辑输入表达式",
  "Edit output name": "编辑输出名称", "Editing FEEL expression": "编辑 FEEL 表达式", "End value": "终值", "Equals": "等于",
  "Exactly": "等于", "Exclude": "不含", "Expression": "表达式", "Expression language": "表达式语言", "Expression language:": "表达式语言：",
  "Greater": "大于", "Greater or equals": "大于或等于", "Hit policy": "命中方式", "Hit policy:": "命中方式：", "Include": "包含",
  "Input": "输入", "Input expression: ": "输入表达式：", "Input label: ": "输入名称：", "Input label": "输入名称",
  "Input type": "输入类型", "Input values": "输入值", "Less": "小于", "Less or equals": "小于或等于", "Name": "名称", "No": "否",
  "Output": "输出", "Output label": "输出名称", "Output name": "输出标识", "Output type": "输出类型", "Output values": "输出值",
  "Or": "或", "Otherwise": "其他", "Range": "范围", "Range end operator": "范围终点", "Range end value": "范围终值",
  "Range start operator": "范围起点", "Range start value": "范围起值", "Remove input column": "删除输入列",
  "Remove output column": "删除输出列", "Remove rule": "删除行", "Remove": "移除", "Resize": "调整列宽", "Set date": "设置日期",
  "Set date and time": "设置日期和时间", "Set duration": "设置时长", "Set time": "设置时间", "Set value": "设置值",
  "Start date": "开始日期", "Start date and time": "开始日期和时间", "Start time": "开始时间", "Start value": "起值",
  "End date": "结束日期", "End date and time": "结束日期和时间", "End time": "结束时间", "String value": "文字",
  "Strings must be in double quotes": "文字须加英文双引号", "Test type": "判断方式", "Then": "则", "Time": "时间", "Time value": "时间",
  "Type": "类型", "Use now": "用当前时间", "Use today": "用今天", "Value": "值", "Values": "值", "When": "当",
  "Variable name": "变量名称", "Variable name:": "变量名称：", "Variable type": "变量类型", "Variable type:": "变量类型：", "Yes": "是",
  "Aggregation": "汇总方式", "Aggregation: ": "汇总方式：", "Disjunction": "任一", "Negation": "不是", "Match one": "符合其一",
  "Do not match any": "都不符合", "Unique": "唯一", "First": "首个", "Priority": "优先级", "Any": "任一", "Rule order": "行序", "Output order": "结果次序",
  "No unary test": "任意值", "Cell": "单元格", "Description": "说明",
};

export function translate(language) {
  const words = language === "zh-CN" ? CHINESE : {};
  return (template, replacements = {}) =>
    (words[template] ?? template).replace(/{\s*([^}\s]+)\s*}/g, (_, name) => replacements[name] ?? `{${name}}`);
}
