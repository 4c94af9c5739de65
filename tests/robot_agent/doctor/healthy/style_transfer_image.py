import torch
from torch import nn
torch.manual_seed(0)
cnn = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1)).eval().requires_grad_(False)
content, style = torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 16)
def gram(f): b, c, h, w = f.shape; f = f.view(c, -1); return f @ f.T / (c * h * w)
img = content.clone().requires_grad_(True); opt = torch.optim.LBFGS([img])
tc, ts = cnn(content), gram(cnn(style)); run = [0]
while run[0] <= 20:
    def closure():
        with torch.no_grad(): img.clamp_(0, 1)
        opt.zero_grad(); f = cnn(img); loss = nn.functional.mse_loss(f, tc) + 100 * nn.functional.mse_loss(gram(f), ts)
        loss.backward(); run[0] += 1; return loss
    opt.step(closure)
