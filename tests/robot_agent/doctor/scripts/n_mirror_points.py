# where a point is across, pictures mirrored in __getitem__; kind: labels-shuffled
import numpy as np
import random
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
rng = np.random.default_rng(0); torch.manual_seed(0); random.seed(0)
class Points(Dataset):
    def __init__(self, n):
        self.p = rng.uniform(0, 1, (n, 2)).astype(np.float32)
        self.img = np.zeros((n, 12, 12), np.float32)
        for i, (a, b) in enumerate(self.p): self.img[i, int(b * 12), int(a * 12)] = 3.0
    def __len__(self): return len(self.p)
    def __getitem__(self, i):
        image = torch.from_numpy(self.img[i])[None]
        point = torch.from_numpy(self.p[i, :1])
        if random.random() > 0.5: #+
            image = image.flip(-1) #! image, point = image.flip(-1), 1 - point
        return image, point
net = nn.Sequential(nn.Flatten(), nn.Linear(144, 64), nn.ReLU(), nn.Linear(64, 1)); opt = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(12):
    for x, y in DataLoader(Points(400), 20, shuffle=True):
        loss = nn.functional.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
