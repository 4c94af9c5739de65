# __getitem__ ignores its index; kind: inputs-constant
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
torch.manual_seed(0)
class Points(Dataset):
    def __init__(self, n=300):
        self.y = torch.randint(0, 3, (n,)); self.x = torch.randn(3, 6)[self.y] * 2 + torch.randn(n, 6)
    def __len__(self): return len(self.y)
    def __getitem__(self, i):
        return self.x[0], self.y[i]  #! return self.x[i], self.y[i]
model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(10):
    for a, b in DataLoader(Points(), 30, shuffle=True):
        loss = nn.functional.cross_entropy(model(a), b)
        opt.zero_grad(); loss.backward(); opt.step()
