"""Regions as people write them, where Google's address data does not say it: by country and ISO 3166-2 code.

Names are in English, simplified Chinese and the country's own language; several are set apart by commas.
"""

from collections.abc import Mapping
from types import MappingProxyType

CHINA_OF_OLD: Mapping[str, str] = MappingProxyType({
    "11": "BJ", "12": "TJ", "13": "HE", "14": "SX", "15": "NM", "21": "LN", "22": "JL", "23": "HL", "31": "SH",
    "32": "JS", "33": "ZJ", "34": "AH", "35": "FJ", "36": "JX", "37": "SD", "41": "HA", "42": "HB", "43": "HN",
    "44": "GD", "45": "GX", "46": "HI", "50": "CQ", "51": "SC", "52": "GZ", "53": "YN", "54": "XZ", "61": "SN",
    "62": "GS", "63": "QH", "64": "NX", "65": "XJ", "71": "TW", "91": "HK", "92": "MO",
})  # fmt: skip
"""Codes of China as they are now, by the numbers that the address data has."""

NAMES: Mapping[str, str] = MappingProxyType({
    "CN": """
        BJ 北京,Beijing; TJ 天津,Tianjin; HE 河北,Hebei; SX 山西,Shanxi; NM 内蒙古,Inner Mongolia,Nei Mongol;
        LN 辽宁,Liaoning; JL 吉林,Jilin; HL 黑龙江,Heilongjiang; SH 上海,Shanghai; JS 江苏,Jiangsu;
        ZJ 浙江,Zhejiang; AH 安徽,Anhui; FJ 福建,Fujian; JX 江西,Jiangxi; SD 山东,Shandong; HA 河南,Henan;
        HB 湖北,Hubei; HN 湖南,Hunan; GD 广东,Guangdong; GX 广西,Guangxi; HI 海南,Hainan; CQ 重庆,Chongqing;
        SC 四川,Sichuan; GZ 贵州,Guizhou; YN 云南,Yunnan; XZ 西藏,Tibet,Xizang; SN 陕西,Shaanxi; GS 甘肃,Gansu;
        QH 青海,Qinghai; NX 宁夏,Ningxia; XJ 新疆,Xinjiang; TW 台湾,Taiwan; HK 香港,Hong Kong;
        MO 澳门,Macau,Macao
    """,
    "US": """
        AL 亚拉巴马,阿拉巴马; AK 阿拉斯加; AZ 亚利桑那; AR 阿肯色; CA 加利福尼亚,加; CO 科罗拉多; CT 康涅狄格;
        DE 特拉华; DC 哥伦比亚特区,华盛顿特区,Washington DC; FL 佛罗里达; GA 佐治亚,乔治亚; HI 夏威夷;
        ID 爱达荷; IL 伊利诺伊; IN 印第安纳; IA 艾奥瓦,爱荷华; KS 堪萨斯; KY 肯塔基; LA 路易斯安那; ME 缅因;
        MD 马里兰; MA 马萨诸塞,麻,麻省; MI 密歇根; MN 明尼苏达; MS 密西西比; MO 密苏里; MT 蒙大拿;
        NE 内布拉斯加; NV 内华达; NH 新罕布什尔; NJ 新泽西; NM 新墨西哥; NY 纽约; NC 北卡罗来纳; ND 北达科他;
        OH 俄亥俄; OK 俄克拉何马,俄克拉荷马; OR 俄勒冈; PA 宾夕法尼亚,宾; RI 罗得岛,罗德岛; SC 南卡罗来纳;
        SD 南达科他; TN 田纳西; TX 得克萨斯,德克萨斯,德; UT 犹他; VT 佛蒙特; VA 弗吉尼亚; WA 华盛顿;
        WV 西弗吉尼亚; WI 威斯康星; WY 怀俄明
    """,
    "CA": """
        AB 艾伯塔,阿尔伯塔; BC 不列颠哥伦比亚,卑诗,Colombie-Britannique; MB 马尼托巴,曼尼托巴;
        NB 新不伦瑞克,Nouveau-Brunswick; NL 纽芬兰与拉布拉多,纽芬兰和拉布拉多,Terre-Neuve-et-Labrador;
        NT 西北地区,Territoires du Nord-Ouest; NS 新斯科舍,Nouvelle-Écosse; NU 努纳武特; ON 安大略;
        PE 爱德华王子岛,Île-du-Prince-Édouard; QC 魁北克; SK 萨斯喀彻温; YT 育空
    """,
    "AU": """
        ACT 澳大利亚首都领地,首都领地,首都特区; NSW 新南威尔士; NT 北领地; QLD 昆士兰; SA 南澳大利亚,南澳;
        TAS 塔斯马尼亚; VIC 维多利亚; WA 西澳大利亚,西澳
    """,
    "DE": """
        BW Baden-Württemberg,Baden-Wuerttemberg,巴登-符腾堡; BY Bayern,Bavaria,巴伐利亚; BE Berlin,柏林;
        BB Brandenburg,勃兰登堡; HB Bremen,不来梅; HH Hamburg,汉堡; HE Hessen,Hesse,黑森;
        MV Mecklenburg-Vorpommern,Mecklenburg-Western Pomerania,梅克伦堡-前波美拉尼亚;
        NI Niedersachsen,Lower Saxony,下萨克森;
        NW Nordrhein-Westfalen,North Rhine-Westphalia,NRW,北莱茵-威斯特法伦;
        RP Rheinland-Pfalz,Rhineland-Palatinate,莱茵兰-普法尔茨; SL Saarland,萨尔; SN Sachsen,Saxony,萨克森;
        ST Sachsen-Anhalt,Saxony-Anhalt,萨克森-安哈尔特; SH Schleswig-Holstein,石勒苏益格-荷尔斯泰因;
        TH Thüringen,Thueringen,Thuringia,图林根
    """,
})  # fmt: skip

SUFFIXES = (
    *("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "地区", "省", "市", "州"),
    *("autonomousregion", "zizhiqu", "province", "sheng", "state", "shi"),
)
"""What may stand behind the name of a region, or not; of several the longest."""

SIMPLE = str.maketrans(
    "廣東門慶寧蘇遼龍陝貴雲內區爾壯灣臺亞維紐約賓達羅來納聖薩愛蘭馬華頓盧諾裡爾濟烏緬領聯倫騰堡萊茵圖濱漢黑興島與澤羅緒蒙態顿",
    "广东门庆宁苏辽龙陕贵云内区尔壮湾台亚维纽约宾达罗来纳圣萨爱兰马华顿卢诺里尔济乌缅领联伦腾堡莱茵图滨汉黑兴岛与泽罗绪蒙态顿",
)
"""Characters of these names as they are written in traditional Chinese, into simplified ones."""
