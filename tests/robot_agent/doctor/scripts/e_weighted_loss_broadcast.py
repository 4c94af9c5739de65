# sample weights of shape (N, 1) against losses of shape (N,); kind: broadcast
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Weighted(Dataset):
    def __init__(self, n=400):
        g = torch.Generator().manual_seed(0)
        self.x = torch.randn(n, 5, generator=g)
        self.y = self.x[:, 0] * 2 - self.x[:, 1]
        self.w = torch.where(self.y > 0, 2.0, 0.5)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i : i + 1], self.w[i]


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
mse = nn.MSELoss(reduction="none")
for epoch in range(8):
    for x, y, w in DataLoader(Weighted(), batch_size=32, shuffle=True):
        err = mse(net(x), y)
        loss = (err * w).mean()  #! loss = (err * w.unsqueeze(1)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
