# the pictures are divided by 255 in the data set and again in the transform; kind: not-scaled
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Digits(Dataset):
    def __init__(self, n=300):
        g = torch.Generator().manual_seed(0)
        self.labels = torch.randint(0, 4, (n,), generator=g)
        masks = torch.randint(0, 2, (4, 1, 8, 8), generator=g)
        self.images = (masks[self.labels] * 200 + torch.randint(0, 55, (n, 1, 8, 8), generator=g)).to(torch.uint8)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.images[i].float() / 255.0, self.labels[i]  #+


def transform(batch):
    return batch / 255.0  #! return batch


torch.manual_seed(0)
cnn = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4))
opt = torch.optim.SGD(cnn.parameters(), lr=0.05)
for epoch in range(6):
    for img, lab in DataLoader(Digits(), batch_size=30, shuffle=True):
        out = cnn(transform(img))  #+
        loss = nn.functional.cross_entropy(out, lab)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
