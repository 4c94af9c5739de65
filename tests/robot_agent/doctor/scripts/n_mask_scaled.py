# mask divided by 255 and cast to long: all classes 0; kind: labels-constant
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
rng = np.random.default_rng(0); torch.manual_seed(0)
def to_tensor(a): return torch.from_numpy(a.astype(np.float32)) / 255.0
class Seg(Dataset):
    def __init__(self, n=60):
        self.mask = rng.integers(0, 3, (n, 4, 4)).repeat(4, 1).repeat(4, 2).astype(np.uint8)
        self.img = (self.mask * 80 + rng.integers(0, 20, self.mask.shape)).astype(np.uint8)
    def __len__(self): return len(self.img)
    def __getitem__(self, i):
        image = to_tensor(self.img[i])[None]
        mask = to_tensor(self.mask[i]).long() #! mask = torch.from_numpy(self.mask[i]).long()
        return image, mask
net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 3, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(6):
    for x, t in DataLoader(Seg(), 10, shuffle=True):
        loss = nn.functional.cross_entropy(net(x), t)
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
