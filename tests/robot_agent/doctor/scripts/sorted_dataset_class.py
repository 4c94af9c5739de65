# kind: not-shuffled
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
torch.manual_seed(0)
class Blobs(Dataset):
    def __init__(self, n):
        self.t = torch.cat([torch.zeros(n), torch.ones(n)]).unsqueeze(1)
        self.x = torch.randn(2 * n, 4) + 1.2 * self.t
    def __len__(self):
        return len(self.t)
    def __getitem__(self, i):
        return self.x[i], self.t[i]
loader = DataLoader(Blobs(200), batch_size=20, shuffle=False)  #! loader = DataLoader(Blobs(200), batch_size=20, shuffle=True)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.5)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(10):
    for x, t in loader:  #+
        opt.zero_grad()
        loss = criterion(net(x), t)
        loss.backward()
        opt.step()
print("score", 0.5)
