// SPDX-License-Identifier: Apache-2.0
import { words } from "../base/i18n";

export const accountWords = words({
    title: ["Accounts", "账户管理"],
    people: ["Who may look", "可登录的人员"],
    people_note: [
        "Viewers see figures and cases without personal data; agents take conversations and read texts and numbers, each view written down; managers also make links and improvements; administrators manage accounts.",
        "查看者可看指标和不含个人信息的个案；客服可领取回访并查看原文和号码（均有记录）；主管还可生成链接和管理改进；管理员管理账户。",
    ],
    none: ["There is no account.", "没有账户。"],
    name: ["Name", "用户名"],
    name_hint: ["Lower case letters, digits and . _ @ -", "小写字母、数字和 . _ @ -"],
    role: ["Role", "角色"],
    staff: ["Staff code", "员工编号"],
    staff_hint: ["Needed to take conversations from the worklist.", "领取回访时需要。"],
    language: ["Language", "语言"],
    language_any: ["as the browser has it", "跟随浏览器"],
    created: ["Created", "创建"],
    state: ["State", "状态"],
    active: ["active", "启用"],
    disabled: ["disabled since {time}", "自 {time} 停用"],
    you: ["you", "您"],
    add: ["Add an account", "添加账户"],
    added: ["{name} can log in now.", "{name} 现在可以登录。"],
    password: ["Password", "密码"],
    password_hint: [
        "At least 12 characters. Tell it by another way than this.",
        "至少 12 个字符，请通过其他途径告知本人。",
    ],
    edit: ["Change", "修改"],
    edit_title: ["Change {name}", "修改 {name}"],
    reset: ["New password", "重设密码"],
    reset_title: ["A new password for {name}", "为 {name} 重设密码"],
    reset_done: [
        "{name} has a new password; all sessions ended.",
        "{name} 的密码已重设，所有会话已结束。",
    ],
    disable: ["Disable", "停用"],
    disable_sure: [
        "{name} will not be able to log in, and is logged out at once.",
        "{name} 将无法登录并立即退出。",
    ],
    enable: ["Enable", "启用"],
    saved: ["Saved.", "已保存。"],
    actions: ["Actions for {name}", "{name} 的操作"],
});
