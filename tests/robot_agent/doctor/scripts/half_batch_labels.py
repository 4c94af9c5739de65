# kind: labels-constant
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
torch.manual_seed(0)
class DS(Dataset):
    def __init__(self):
        self.x = torch.randn(200, 5); self.t = (self.x[:, 0] > 0).long()
    def __len__(self): return 200
    def __getitem__(self, i): return self.x[i], self.t[0]  #! def __getitem__(self, i): return self.x[i], self.t[i]
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
dl = DataLoader(DS(), batch_size=20, shuffle=True)
for e in range(8):
    for x, y in dl:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)  #+
        loss.backward()
        opt.step()
