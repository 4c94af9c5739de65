# house prices in main; kind: not-scaled
import torch
from torch import nn
def get(): 
    g = torch.Generator().manual_seed(0)
    area = torch.rand(400, 1, generator=g) * 200 + 30; rooms = torch.randint(1, 7, (400, 1), generator=g).float(); year = torch.randint(1900, 2020, (400, 1), generator=g).float()
    return torch.cat([area, rooms, year], 1), 1500 * area + 10000 * rooms + 200 * (year - 1900)  #+
def main():
    torch.manual_seed(0)
    X, y = get()  #+
    net = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for e in range(150):
        loss = nn.MSELoss()(net(X), y)  #+
        opt.zero_grad(); loss.backward(); opt.step()
    print(loss.item())
main()
