"""Where the demo shop keeps its goods, and where its customers live, with coordinates in degrees."""

from typing import Literal, NamedTuple


class Storehouse(NamedTuple):
    """A location of the shop; `share` is its part of the stock, in percent. Stores tell where they are and when."""

    code: str
    name: str
    kind: Literal["warehouse", "store"]
    lat: float
    lon: float
    share: int
    address: str = ""
    hours: str = ""
    phone: str = ""


class Town(NamedTuple):
    """A town that customers live in; `streets` and `prefix` make addresses, `weight` how many live there."""

    country: str
    region: str
    city: str
    districts: tuple[str, ...]
    streets: tuple[str, ...]
    prefix: str
    lat: float
    lon: float
    weight: int


STOREHOUSES = (
    Storehouse("SH-1", "上海一号仓 Shanghai warehouse", "warehouse", 31.2304, 121.4737, 45),
    Storehouse("GZ-1", "广州仓 Guangzhou warehouse", "warehouse", 23.1291, 113.2644, 30),
    Storehouse(
        "BJ-1",
        "北京三里屯店 Beijing store",
        "store",
        39.9337,
        116.4551,
        15,
        "北京市朝阳区三里屯路19号",
        "10:00–22:00",
        "010 6400 1234",
    ),
    Storehouse(
        "CD-1",
        "成都宽窄巷子店 Chengdu store",
        "store",
        30.6636,
        104.0537,
        10,
        "成都市青羊区宽巷子8号",
        "10:00–21:00",
        "028 8600 1234",
    ),
)

_ROADS = ("人民路", "解放路", "中山路", "建设路", "和平路", "新华路", "文化路", "长江路")

TOWNS = (
    Town("CN", "上海市", "上海市", ("黄浦区", "徐汇区", "浦东新区", "静安区"), _ROADS, "2000", 31.2304, 121.4737, 16),
    Town("CN", "北京市", "北京市", ("朝阳区", "海淀区", "东城区", "丰台区"), _ROADS, "1000", 39.9042, 116.4074, 14),
    Town("CN", "广东省", "广州市", ("天河区", "越秀区", "海珠区"), _ROADS, "5100", 23.1291, 113.2644, 10),
    Town("CN", "广东省", "深圳市", ("南山区", "福田区", "罗湖区"), _ROADS, "5180", 22.5431, 114.0579, 10),
    Town("CN", "四川省", "成都市", ("锦江区", "武侯区", "青羊区"), _ROADS, "6100", 30.5728, 104.0668, 8),
    Town("CN", "浙江省", "杭州市", ("西湖区", "上城区", "滨江区"), _ROADS, "3100", 30.2741, 120.1551, 9),
    Town("CN", "江苏省", "南京市", ("玄武区", "鼓楼区", "秦淮区"), _ROADS, "2100", 32.0603, 118.7969, 7),
    Town("CN", "江苏省", "苏州市", ("姑苏区", "吴中区"), _ROADS, "2150", 31.2989, 120.5853, 5),
    Town("CN", "湖北省", "武汉市", ("武昌区", "江汉区", "洪山区"), _ROADS, "4300", 30.5928, 114.3055, 6),
    Town("CN", "陕西省", "西安市", ("雁塔区", "碑林区"), _ROADS, "7100", 34.3416, 108.9398, 5),
    Town("CN", "山东省", "青岛市", ("市南区", "崂山区"), _ROADS, "2660", 36.0671, 120.3826, 4),
    Town("CN", "福建省", "厦门市", ("思明区", "湖里区"), _ROADS, "3610", 24.4798, 118.0894, 4),
    Town("CN", "辽宁省", "大连市", ("中山区", "沙河口区"), _ROADS, "1160", 38.9140, 121.6147, 3),
    Town("CN", "云南省", "昆明市", ("五华区", "盘龙区"), _ROADS, "6500", 24.8801, 102.8329, 3),
    Town("HK", "香港島", "灣仔", (), ("軒尼詩道", "莊士敦道"), "", 22.2783, 114.1747, 3),
    Town("TW", "台北市", "大安區", (), ("忠孝東路四段", "仁愛路三段", "和平東路一段"), "106", 25.0330, 121.5654, 3),
    Town("SG", "", "Singapore", (), ("Orchard Road", "Serangoon Road"), "2388", 1.3048, 103.8318, 2),
    Town("JP", "東京都", "渋谷区", (), ("神宮前", "恵比寿"), "150-", 35.6640, 139.6982, 2),
    Town("GB", "", "London", (), ("Marchmont Street", "Lamb's Conduit Street"), "WC1N", 51.5246, -0.1200, 2),
    Town("DE", "", "Berlin", (), ("Kastanienallee", "Bergmannstraße"), "101", 52.5200, 13.4050, 2),
    Town("US", "CA", "San Francisco", (), ("Valencia Street", "Clement Street"), "941", 37.7749, -122.4194, 3),
    Town("US", "NY", "New York", (), ("Mott Street", "Bleecker Street"), "100", 40.7128, -74.0060, 3),
)
